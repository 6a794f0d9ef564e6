"""Constant Contact's mapping, the cutting of imports, the reading of refusals and its application, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError, DisconnectedError, QuotaExhaustedError, TransientError
from crm_sync.oauth.flow import application_of
from crm_sync.operations import Operation
from crm_sync.providers.constant_contact import answers, imports, mapping, outcomes
from crm_sync.providers.constant_contact.outcomes import Person
from crm_sync.transport.answer import Response
from unit.answers import answer

SHEET = providers.get("constant_contact")
CONTACTS = pd.DataFrame(
    {
        "kind": ["individual", "organization", "individual"],
        "first_name": ["Zoë", "x", None],
        "last_name": ["Lee", "y", None],
        "organization_name": ["Employer", "Acme", None],
        "address": [" zoe@example.org ", "acme@example.org", None],
    }
)


def test_an_organization_has_a_companys_name_and_an_individuals_company_is_not_ours() -> None:
    assert [json.loads(text) for text in mapping.record(CONTACTS)] == [
        {"first_name": "Zoë", "last_name": "Lee"},
        {"first_name": "", "last_name": "", "company_name": "Acme"},
        {"first_name": "", "last_name": ""},
    ]


def test_what_is_read_back_is_written_as_it_was_sent() -> None:
    sent = mapping.record(CONTACTS)
    there = pd.DataFrame([{"company_name": "", **json.loads(text)} for text in sent])
    assert mapping.record_there(there).tolist() == sent.tolist()
    of_a_marketer = there.assign(company_name="Theirs").head(1)
    (told,) = mapping.record_there(of_a_marketer)
    assert json.loads(told) == {"first_name": "Zoë", "last_name": "Lee", "company_name": "Theirs"}


def test_lengths_are_measured_in_characters() -> None:
    measured = mapping.fields(CONTACTS.assign(first_name=["é" * 50, "x", "👋"]))
    assert set(SHEET.field_bytes) == set(measured.columns)
    assert [len(each.encode()) for each in measured["first_name"]] == [50, 0, 2]
    assert measured["email"].tolist() == ["zoe@example.org", "acme@example.org", ""]
    assert measured["company_name"].tolist() == ["", "Acme", ""]


def person(number: int, joins: list[str], there: list[str] | None = None, name: str = "Ann") -> Person:
    address = f"p{number}@example.org"
    fields = {"first_name": name, "last_name": ""}
    return Person(address, address, fields=fields, joins=joins, lists_there=there or [])


def test_imports_stay_below_four_megabytes_and_lose_nobody() -> None:
    people = [person(n, ["l1"], name="é" * 50) for n in range(41_000)]
    parts = list(imports.imports(people))
    assert len(parts) == 2
    assert [who.subscriber_key for part in parts for who in part.people] == [who.subscriber_key for who in people]
    for part in parts:
        body = json.loads(part.body)
        assert len(part.body) <= imports.MOST_BYTES
        assert [row["email"] for row in body["import_data"]] == [who.address for who in part.people]
        assert body["list_ids"] == ["l1"]
    assert len(parts[0].body) > 0.99 * imports.MOST_BYTES


def test_imports_have_no_more_rows_than_are_taken() -> None:
    parts = list(imports.imports([person(n, ["l1"], name="") for n in range(imports.MOST_ROWS + 1)]))
    assert [len(part.rows) for part in parts] == [imports.MOST_ROWS, 1]
    assert json.loads(parts[1].body)["import_data"] == [{"email": f"p{imports.MOST_ROWS}@example.org"}]


def test_people_are_grouped_by_the_lists_they_join_or_by_one_they_are_in() -> None:
    people = [
        *(person(1, ["b", "a"]), person(2, ["a", "b"]), person(3, ["b"])),
        *(person(4, [], ["x", "z"]), person(5, [], ["y", "z"]), person(6, [], ["x", "q"])),
    ]
    groups = {lists: [who.subscriber_key for who in group] for lists, group in imports.grouped(people).items()}
    assert sorted(groups) == [("a", "b"), ("b",), ("x",), ("y",)]
    assert len(groups["a", "b"]) == 2
    assert not imports.fits(person(7, []))
    assert not imports.fits(Person("s", "l" * 39 + "@example.org", joins=["a"]))


def test_who_joins_nothing_goes_by_as_few_lists_as_will_do() -> None:
    # Each is in three of ten lists, and all lists have as many people.
    people = [person(n, [], [f"l{(n + step) % 10}" for step in range(3)]) for n in range(30)]
    groups = imports.grouped(people)
    assert len(groups) == 4
    assert all(set(lists) <= set(who.lists_there) for lists, group in groups.items() for who in group)
    assert sum(len(group) for group in groups.values()) == len(people)


def test_a_batch_is_read_as_people_and_told_by_operation() -> None:
    a, b = "a@example.org", "b@example.org"
    batch = [
        Operation(7, "create", a, a, fields='{"first_name": "Ann"}'),
        Operation(8, "add_to_list", a, a, remote_list_id="l1"),
        Operation(8, "remove_from_list", b, b, remote_list_id="l2"),
    ]
    ann, bob = outcomes.people_of(batch)
    assert (ann.verb, ann.fields, ann.joins, ann.remote_id) == ("create", {"first_name": "Ann"}, ["l1"], "")
    assert (bob.verb, bob.leaves) == ("", ["l2"])
    told = {ann.subscriber_key: outcomes.refused("opted_out"), bob.subscriber_key: outcomes.submitted("t1")}
    answer = outcomes.answered(batch, told)
    assert [(each.operation, each.status, each.job) for each in answer] == [
        (batch[0], "refused", ""),
        (batch[1], "refused", ""),
        (batch[2], "submitted", "t1"),
    ]


def response(status: int, body: Any, kind: str = "application/json") -> Response:
    return answer(status, body, url="https://api.example.org/v3/contacts/secret", Content_Type=kind)


THROTTLED, QUOTA = {"error_key": "throttled"}, {"error_key": "quota_exceeded"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, THROTTLED, TransientError),
        (429, QUOTA, QuotaExhaustedError),
        (429, [QUOTA], QuotaExhaustedError),
        (429, b"", TransientError),
        (503, {}, TransientError),
        (401, {"error_key": "unauthorized"}, DisconnectedError),
        (401, [{"error_key": "unauthorized"}], DisconnectedError),
        (403, [{"error_key": "forbidden"}], answers.ForbiddenError),
        (302, {}, ContractError),
    ],
)
def test_what_an_answer_means_for_the_call(status: int, body: Any, expected: type[Exception]) -> None:
    error = answers.classify(response(status, body))
    assert type(error) is expected
    assert "secret" not in str(error)


@pytest.mark.parametrize(("status", "body"), [(200, {}), (404, []), (409, [{"error_key": "contacts.api.conflict"}])])
def test_what_speaks_of_a_record_is_left_to_the_verb(status: int, body: Any) -> None:
    assert answers.classify(response(status, body)) is None


def test_who_is_refused_for_good_is_told_what_to_do() -> None:
    assert "crm-sync connect constant_contact" in str(answers.classify(response(401, {})))
    assert "crm-sync connect constant_contact" in str(answers.classify(response(403, {})))
    assert type(answers.classify(response(403, b"<html>", "text/html"))) is TransientError


@pytest.mark.parametrize(
    ("login", "key", "extras", "said"),
    [
        ("", "secret", {}, "API key"),
        ("id", "", {}, "API key"),
        ("id", "secret\u2026", {}, "paste"),
        ("id", "secret", {"oauth_url": "http://example.org/oauth2"}, "https"),
    ],
)
def test_a_connection_that_cannot_work_is_a_config_error(
    login: str, key: str, extras: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        application_of(SHEET, Credentials(key, login, extras))
    assert "secret\u2026" not in str(caught.value)


def test_the_real_hosts_are_the_default() -> None:
    application = application_of(SHEET, Credentials("secret", "id"))
    assert application.token_url == "https://authz.constantcontact.com/oauth2/default/v1/token"
    assert application.authorize_url == "https://authz.constantcontact.com/oauth2/default/v1/authorize"
    assert "offline_access" in application.scopes
