"""What becomes of a push: whose record it failed for, a tenant that is wrong, answers that make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import msgspec
import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError
from crm_sync.ledger.client_state import ClientState
from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline.outcomes import verify
from crm_sync.providers.higher_logic.client import Client
from crm_sync.providers.higher_logic.mapping import record
from crm_sync.providers.higher_logic.push_version import V1
from crm_sync.transport.answer import Response
from local.world import QUICK
from standins import StandIn
from unit.answers import answer
from unit.providers.member_rows import batch, contacts, membership

SHEET = providers.get("higher_logic")
KEY = "standin-gateway-key"
FAKE = "person@fake.example.org"
NEWS = {"list_id": 5, "name": "News", "kind": "list", "role": None, "since": "2024-02-01"}

provider = pytest.fixture(lambda: "higher_logic")


def connected(standin: StandIn, tenant_code: str = "standin-tenant") -> Client:
    extras = {"tenant_code": tenant_code, "base_url": standin.url + "/push/v1"}
    client = SHEET.connect(Credentials(KEY, extras=extras), QUICK, cast("ClientState", None))
    assert isinstance(client, Client)
    return client


def records(*addresses: str, **said: Any) -> dict[str, str]:
    """A record for each address, of people 1 and so on, all in News; ``said`` goes for all."""
    rows = [
        {"contact_id": number, "first_name": "Ann", "address": address, "list_memberships": [NEWS], **said}
        for number, address in enumerate(addresses, start=1)
    ]
    return dict(zip(map(str, range(1, len(rows) + 1)), record(contacts(*rows)), strict=True))


def refused(answer: list[Outcome], asked: list[Operation]) -> dict[str, str]:
    verify(asked, answer)
    return {each.operation.subscriber_key: each.reason for each in answer}


@pytest.mark.parametrize("status", ["200", "400"])
@pytest.mark.parametrize("bad", [[0], [6], [3, 4], [0, 2, 6], list(range(7))])
def test_a_push_that_fails_is_halved_until_the_bad_records_stand_alone(
    status: str, bad: list[int], standin: StandIn
) -> None:
    standin.switch(failure_status=status)
    asked = batch("create", records(*(FAKE if place in bad else f"p{place}@example.org" for place in range(7))))
    answer = connected(standin).create(asked)
    expected = {str(place + 1): "record_refused" if place in bad else "" for place in range(7)}
    assert refused(answer, asked) == expected
    assert {each["key"] for each in standin.state()["members"]} == {who for who, why in expected.items() if not why}


def test_a_record_that_is_skipped_in_silence_is_told_by_the_count(standin: StandIn) -> None:
    standin.switch(bad_item="skips")
    asked = batch("update", records("a@example.org", FAKE, "c@example.org"))
    assert refused(connected(standin).update(asked), asked) == {"1": "", "2": "record_skipped", "3": ""}


def test_a_count_that_means_something_else_can_be_left_unread(standin: StandIn) -> None:
    standin.switch(bad_item="skips")
    client = connected(standin)
    client._version = replace(V1, counts_records=False)
    asked = batch("create", records("a@example.org", FAKE))
    assert refused(client.create(asked), asked) == {"1": "", "2": ""}
    assert standin.state()["pushes"] == 1


@pytest.mark.parametrize("how", ["success_false", "403"])
@pytest.mark.parametrize("people", [1, 100])
def test_a_wrong_tenant_is_no_hundred_refusals(how: str, people: int, standin: StandIn) -> None:
    standin.switch(unknown_tenant=how)
    asked = batch("create", records(*["a@example.org"] * people))
    with pytest.raises(ConfigError, match="Airflow connection"):
        connected(standin, "no-such-tenant").create(asked)
    assert standin.requests()["total"] <= 2


def test_memberships_get_the_outcome_of_their_person(standin: StandIn) -> None:
    people = batch("create", records("a@example.org", FAKE))
    rides = [msgspec.structs.replace(each, verb="add_to_list", fields="") for each in people]
    answer = connected(standin).create(people + rides)
    verify(people + rides, answer)
    assert [each.status for each in answer] == ["applied", "refused"] * 2


def test_who_is_to_be_held_no_more_keeps_the_record_but_no_group_of_any_kind(standin: StandIn) -> None:
    client, known = connected(standin), records("a@example.org", memberships=[membership(3)])
    client.create(batch("create", known))
    (before,) = standin.state()["members"]
    assert (before["is_active"], [each["name"] for each in before["communities"]]) == (True, ["News"])
    assert [each["key"] for each in before["security_groups"]] == ["membership-type-3"]
    client.archive(batch("archive", known))
    (after,) = standin.state()["members"]
    assert (after["is_active"], after["is_member"]) == (False, False)
    assert after["communities"] == after["security_groups"] == []
    assert (after["first_name"], after["email"]) == ("Ann", "a@example.org")


def test_whoever_leaves_with_data_that_is_refused_leaves_all_the_same(standin: StandIn) -> None:
    client = connected(standin)
    client.create(batch("create", records("a@example.org", "b@example.org")))
    asked = batch("archive", records("a@example.org", FAKE))
    assert refused(client.archive(asked), asked) == {"1": "", "2": ""}
    held = {each["key"]: each for each in standin.state()["members"]}
    assert [held[key]["communities"] for key in ("1", "2")] == [[], []]
    assert [held[key]["is_active"] for key in ("1", "2")] == [False, False]
    assert [held[key]["first_name"] for key in ("1", "2")] == ["Ann", ""]


def test_of_whom_nothing_is_known_only_the_key_is_pushed(standin: StandIn) -> None:
    answer = connected(standin).archive(batch("archive", {"9": ""}))
    assert [each.status for each in answer] == ["applied"]
    (held,) = standin.state()["members"]
    assert (held["key"], held["is_active"], held["first_name"]) == ("9", False, "")


def test_the_account_is_asked_without_a_word_about_people(standin: StandIn) -> None:
    standin.keep_bodies()
    account = connected(standin).account()
    assert account == {"organization": "standin-tenant", "contact": "", "host": standin.url.removeprefix("http://")}
    (sent,) = standin.requests()["requests"]
    assert json.loads(sent["body"]) == {"TenantCode": "standin-tenant", "Items": []}
    assert standin.state()["members"] == []


def answering(status: int, body: bytes) -> Callable[..., Response]:
    return lambda *_, **__: answer(status, body)


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (200, b"", ContractError, "answered 200"),
        (200, b'{"count": 1}', ContractError, "answered 200"),
        (413, b'{"message": "Request Too Long"}', ContractError, "answered 413"),
        (400, b'{"success": true, "count": 1}', ContractError, "called it a success"),
        (404, b'{"message": "Not Found"}', ConfigError, "base URL"),
    ],
)
def test_an_answer_that_makes_no_sense_stops_the_run(
    status: int, body: bytes, error: type[Exception], said: str, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connected(standin)
    monkeypatch.setattr(client._transport, "call", answering(status, body))
    with pytest.raises(error, match=said):
        client.create(batch("create", records("a@example.org")))


def test_a_record_that_is_missing_is_nobodys_guess(standin: StandIn) -> None:
    with pytest.raises(ContractError, match="empty"):
        connected(standin).create(batch("create", {"1": ""}))
    assert standin.requests()["total"] == 0
