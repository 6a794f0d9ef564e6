"""What is heard from Mailchimp: people in many tags, odd text, leavers since a time, and answers that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
import requests

from crm_sync.errors import ContractError
from crm_sync.providers.mailchimp import reader as module
from crm_sync.providers.mailchimp.reader import Reader
from crm_sync.transport.answer import Response
from crm_sync.transport.session import RetryPolicy, Transport
from standins import StandIn
from unit.answers import answer


@pytest.fixture
def listening(standin: StandIn) -> Reader:
    transport = Transport(
        standin.url + "/3.0", ("any", "standin-us1"), RetryPolicy(10, attempts=2, backoff_seconds=0.01)
    )
    return Reader(transport, "a1b2c3d4e5")


def read(listening: Reader) -> pd.DataFrame:
    return pd.concat(list(listening.read_back().frames)).set_index("subscriber_key")


def test_whoever_is_in_more_tags_than_a_page_shows_is_read_in_full(listening: Reader, standin: StandIn) -> None:
    names = [f"Tag {n}" for n in range(60)]
    standin.act("create_member", address="many@example.org", tags=names)
    standin.act("create_member", address="few@example.org", tags=names[:2])
    held = read(listening)["remote_lists"]
    ids = dict(zip(listening.lists()["name"], listening.lists()["remote_id"], strict=True))
    assert held["many@example.org"] == "{" + ",".join(ids[name] for name in names) + "}"
    assert held["few@example.org"] == "{" + ",".join(ids[name] for name in names[:2]) + "}"


def test_everybody_is_read_whatever_their_status(listening: Reader, standin: StandIn) -> None:
    statuses = ["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"]
    for status in statuses:
        standin.act("create_member", address=f"{status}@example.org", status=status)
    assert read(listening)["status"].to_dict() == {f"{status}@example.org": status for status in statuses}


def test_an_empty_audience_gives_nobody(listening: Reader) -> None:
    assert list(listening.read_back().frames) == []
    assert listening.lists().empty
    assert listening.opt_outs(None).people == []


def test_leavers_since_a_time_are_told_by_the_providers_own_clock(listening: Reader, standin: StandIn) -> None:
    standin.clock(set="2026-01-01T12:00:00+00:00", frozen=True)
    for name in ("early", "late", "stays"):
        standin.act("create_member", address=f"{name}@example.org")
    standin.act("unsubscribe", address="early@example.org")
    standin.clock(advance_seconds=3600)
    standin.act("clean", address="late@example.org")
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    everything, later = listening.opt_outs(None), listening.opt_outs(noon + timedelta(minutes=30))
    assert [(who.subscriber_key, who.reason) for who in everything.people] == [
        ("early@example.org", "unsubscribed"),
        ("late@example.org", "cleaned"),
    ]
    assert [who.subscriber_key for who in later.people] == ["late@example.org"]
    assert list(later.changed()) == [[(later.people[0].remote_id, "late@example.org")]]
    assert later.polled_at == noon + timedelta(hours=1), "not the time of this machine"


def test_where_a_load_has_changed_very_many_those_who_left_are_asked_for_by_themselves(
    listening: Reader, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for name in ("one", "two", "three", "left"):
        standin.act("create_member", address=f"{name}@example.org")
    standin.act("unsubscribe", address="left@example.org")
    standin.clear_requests()
    answer = listening.opt_outs(datetime(2020, 1, 1, tzinfo=UTC))
    assert [who.subscriber_key for who in answer.people] == ["left@example.org"]
    assert standin.requests()["total"] == 3, "a page of all, and those who left by each way"
    pages = list(answer.changed())
    assert [len(page) for page in pages] == [2, 2], "never everybody at once"
    assert {who.address for page in pages for who in page} == {
        f"{n}@example.org" for n in ("one", "two", "three", "left")
    }
    assert standin.requests()["total"] == 4, "the other page, when it is looked at"


def test_lists_are_read_over_several_pages_with_their_people(listening: Reader, standin: StandIn) -> None:
    standin.act("create_member", address="one@example.org", tags=[f"Tag {n}" for n in range(3)])
    standin.control("POST", "state", {"actions": [{"action": "create_segment", "name": f"S{n}"} for n in range(1005)]})
    lists = listening.lists().set_index("name")["members"]
    assert len(lists) == 1008
    assert lists["Tag 1"] == 1
    assert lists["S1004"] == 0


def odd(body: bytes, status: int = 200, date: str = "Thu, 01 Jan 2026 12:00:00 GMT") -> Callable[..., Response]:
    odd_one = answer(status, body, **({"Date": date} if date else {}))
    return lambda *_, **__: odd_one


@pytest.mark.parametrize(
    ("once", "said"),
    [
        (odd(b""), "not as documented"),
        (odd(b"[]"), "not as documented"),
        (odd('{"members": [], "total_items": 0}'.encode("utf-16")), "not as documented"),
        (odd(b'{"members": [{"status": "\xe9t\xe9"}], "total_items": 1}'), "not as documented"),
        (odd(b'{"members": [{"status": 5}], "total_items": 1}'), "not as documented"),
        (odd(b"{}", 400), "400 to a whole call"),
        (odd(b'{"members": [], "total_items": 0}', date=""), "no Date"),
    ],
)
def test_an_answer_that_makes_no_sense_stops_the_run(
    once: Callable[..., Response], said: str, listening: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening._transport, "once", once)
    with pytest.raises(ContractError, match=said):
        listening.opt_outs(None)


@pytest.mark.parametrize("ask", ["read_back", "opt_outs", "lists"])
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 400}, {"kind": "html_400"}, {"kind": "cut_after"}])
def test_a_page_that_is_refused_once_is_read_again(
    ask: str, fault: dict[str, Any], listening: Reader, standin: StandIn
) -> None:
    standin.act("create_member", address="one@example.org", tags=["Choir"], status="unsubscribed")
    standin.fault(**fault, times=1)
    read_once: dict[str, Callable[[], list[str]]] = {
        "read_back": lambda: read(listening).index.tolist(),
        "opt_outs": lambda: [who.subscriber_key for who in listening.opt_outs(None).people],
        "lists": lambda: listening.lists()["name"].tolist(),
    }
    assert read_once[ask]() == [{"lists": "Choir"}.get(ask, "one@example.org")]


def test_a_page_that_is_never_as_it_should_be_stops_the_run(listening: Reader, standin: StandIn) -> None:
    standin.fault("status", status=400)
    with pytest.raises(ContractError, match="400 to a whole call"):
        listening.opt_outs(None)
    assert standin.requests()["total"] == 2


def test_a_field_that_the_audience_lacks_is_told_as_null(listening: Reader, standin: StandIn) -> None:
    standin.act("create_member", address="one@example.org", merge_fields={"FNAME": "Ann"})
    path = f"{standin.url}/3.0/lists/a1b2c3d4e5/merge-fields/2"
    assert requests.delete(path, auth=("any", "standin-us1"), timeout=10).ok
    answer = listening.read_back()
    assert "no merge field LNAME" in answer.notice
    assert pd.concat(list(answer.frames))["fields"].tolist() == ['{"FNAME":"Ann","LNAME":null}']
