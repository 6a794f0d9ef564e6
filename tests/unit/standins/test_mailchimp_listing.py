"""Listings of members: pages, filters, order, and what moves last_changed."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.mailchimp_client import LIST, Client, member_path

START = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def ticking(standin: StandIn) -> StandIn:
    standin.clock(set=START, frozen=True)
    return standin


def names(api: Client, **query: Any) -> list[str]:
    response = api("GET", LIST + "/members", **query)
    assert response.status_code == 200, response.text
    return [member["email_address"].partition("@")[0] for member in response.json()["members"]]


def seed(standin: StandIn, *letters: str) -> None:
    for letter in letters:
        standin.act("create_member", address=f"{letter}@example.org")
        standin.clock(advance_seconds=60)


def test_pages_have_ten_members_unless_asked(api: Client, standin: StandIn) -> None:
    standin.act("create_members", count=2500, merge_fields={"FNAME": "P{n}"}, tags=["choir"])
    first = api("GET", LIST + "/members").json()
    assert (len(first["members"]), first["total_items"]) == (10, 2500)
    seen: list[str] = []
    for offset in range(0, 3000, 1000):
        seen += names(api, count=1000, offset=offset, fields="members.email_address")
    assert seen == [f"person{n}" for n in range(1, 2501)]


@pytest.mark.parametrize(
    "query", [{"count": 1001}, {"count": -1}, {"offset": "x"}, {"page": 2}, {"status": "gone"}, {"sort_dir": "up"}]
)
def test_what_is_unknown_or_out_of_range_is_refused(api: Client, query: dict[str, Any]) -> None:
    response = api("GET", LIST + "/members", **query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] in query


def test_fields_and_exclude_fields_prune(api: Client, standin: StandIn) -> None:
    seed(standin, "a")
    fields = api("GET", LIST + "/members", fields="members.merge_fields.FNAME,total_items").json()
    assert fields == {"members": [{"merge_fields": {"FNAME": ""}}], "total_items": 1}
    rest = api("GET", LIST + "/members", exclude_fields="members._links,_links").json()
    assert "_links" not in rest
    assert "_links" not in rest["members"][0]
    assert rest["members"][0]["id"]


def test_archived_members_are_shown_only_when_asked_for(api: Client, standin: StandIn) -> None:
    seed(standin, "a", "b")
    standin.act("archive", address="a@example.org")
    assert names(api) == ["b"]
    assert names(api, status="archived") == ["a"]
    assert names(api, status="cleaned") == []


def test_bounds_mean_strictly_after_and_before(api: Client, ticking: StandIn) -> None:
    seed(ticking, "a", "b", "c")
    second = "2026-01-01T00:01:00+00:00"
    assert names(api, since_last_changed=second) == ["c"]
    assert names(api, before_last_changed=second) == ["a"]
    assert names(api, since_timestamp_opt=second) == ["c"]
    ticking.switch(since_bounds="from")
    assert names(api, since_last_changed=second) == ["b", "c"]


def test_unsubscribed_since_needs_its_status(api: Client, ticking: StandIn) -> None:
    seed(ticking, "a", "b")
    ticking.act("unsubscribe", address="a@example.org")
    assert names(api, status="unsubscribed", unsubscribed_since="2026-01-01T00:01:59Z") == ["a"]
    assert names(api, status="unsubscribed", unsubscribed_since="2026-01-01T00:02:00Z") == []
    assert api("GET", LIST + "/members", unsubscribed_since=START).status_code == 400
    assert api("GET", LIST + "/members", unsubscribed_since=START, status="subscribed").status_code == 400


def test_sorting(api: Client, ticking: StandIn) -> None:
    seed(ticking, "a", "b", "c")
    ticking.act("set_merge_fields", address="a@example.org", merge_fields={"FNAME": "A"})
    assert names(api) == ["a", "b", "c"]
    assert names(api, sort_field="last_changed") == ["b", "c", "a"]
    assert names(api, sort_field="last_changed", sort_dir="DESC") == ["a", "c", "b"]
    assert names(api, sort_field="timestamp_opt", sort_dir="DESC") == ["c", "b", "a"]


@pytest.mark.parametrize("write", ["put", "tags", "segment", "batch", "hand"])
def test_every_write_moves_last_changed(api: Client, ticking: StandIn, write: str) -> None:
    address = "a@example.org"
    seed(ticking, "a")
    number = api.segment("choir")
    before = api.member(address)["last_changed"]
    if write == "put":
        api.put(address)
    elif write == "tags":
        api("POST", member_path(address) + "/tags", {"tags": [{"name": "choir", "status": "active"}]})
    elif write == "segment":
        api("POST", f"{LIST}/segments/{number}", {"members_to_add": [address]})
    elif write == "batch":
        api.batch({"email_address": address}, update_existing=True)
    else:
        ticking.act("unsubscribe", address=address)
    assert before == START
    assert api.member(address)["last_changed"] == "2026-01-01T00:01:00+00:00"


def test_a_write_is_seen_by_the_next_listing(api: Client, standin: StandIn) -> None:
    seed(standin, "a", "b")
    assert names(api, status="subscribed") == ["a", "b"]
    api("DELETE", member_path("a@example.org"))
    assert names(api, status="subscribed") == ["b"]


def test_a_contact_with_a_phone_number_alone_has_no_address(api: Client, standin: StandIn) -> None:
    standin.act("create_sms_contact", phone="+12025550123")
    (only,) = api("GET", LIST + "/members").json()["members"]
    assert "email_address" not in only
    assert (only["sms_phone_number"], only["status"]) == ("+12025550123", "subscribed")
    standin.switch(sms_only="hidden")
    assert api("GET", LIST + "/members").json()["total_items"] == 0
