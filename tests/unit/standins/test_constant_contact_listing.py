"""Listings of contacts: filters, pages by cursor, counts, and what moves updated_at."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from standins import StandIn
from unit.standins.constant_contact_client import ADA, NOBODY, Client

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

START = "2026-01-01T00:00:00Z"
SECOND = "2026-01-01T00:01:00Z"
STATUSES = ("active", "unsubscribed", "deleted", "not_set", "pending_confirmation", "temp_hold")


@pytest.fixture
def ticking(patient: StandIn) -> StandIn:
    patient.clock(set=START, frozen=True)
    return patient


@pytest.fixture
def early(ticking: StandIn) -> Client:
    """A client whose token was issued in the stand-in's past."""
    return Client(ticking)


def names(client: Client, **query: Any) -> list[str]:
    contacts = client.done("GET", "/contacts", **query)["contacts"]
    return [contact["email_address"]["address"].partition("@")[0] for contact in contacts]


def seed(standin: StandIn, *letters: str, **fields: Any) -> None:
    for letter in letters:
        standin.act("create_contact", address=f"{letter}@example.org", **fields)
        standin.clock(advance_seconds=60)


def test_pages_have_fifty_contacts_unless_asked_and_end_without_a_link(cc: Client, patient: StandIn) -> None:
    patient.act("create_contacts", count=1203, first_name="P{n}")
    first = cc.done("GET", "/contacts", include_count="true")
    assert (len(first["contacts"]), first["contacts_count"]) == (50, 1203)
    pages = cc.pages("/contacts", limit=500, include_count="true")
    assert [len(page["contacts"]) for page in pages] == [500, 500, 203]
    assert {page["contacts_count"] for page in pages} == {1203}
    seen = [contact["first_name"] for page in pages for contact in page["contacts"]]
    assert seen == [f"P{n}" for n in range(1, 1204)]
    assert "_links" not in pages[-1]
    assert "_links" not in cc.done("GET", "/contacts", limit=500, updated_before="2020-01-01")


def test_a_page_that_is_just_full_is_the_last(cc: Client, patient: StandIn) -> None:
    patient.act("create_contacts", count=4)
    assert [len(page["contacts"]) for page in cc.pages("/contacts", limit=2)] == [2, 2]


def test_a_cursor_keeps_the_filters_and_stands_alone(cc: Client, patient: StandIn) -> None:
    seed(patient, "a", "b", "c", "d")
    for letter in "ad":
        patient.act("unsubscribe", address=f"{letter}@example.org")
    first = cc.done("GET", "/contacts", limit=1, status="unsubscribed", include="list_memberships")
    href = first["_links"]["next"]["href"]
    second = cc.done("GET", href.removeprefix("/v3"))
    assert [contact["email_address"]["address"][0] for contact in second["contacts"]] == ["d"]
    assert second["contacts"][0]["list_memberships"] == []
    assert "_links" not in second
    cc.refused(400, "GET", href.removeprefix("/v3"), limit=1)
    cc.refused(400, "GET", "/contacts", cursor="nonsense")


def test_contacts_that_come_meanwhile_are_seen_and_none_is_seen_twice(cc: Client, patient: StandIn) -> None:
    seed(patient, "a", "b", "c")
    first = cc.done("GET", "/contacts", limit=2)
    cc.done("DELETE", f"/contacts/{first['contacts'][0]['contact_id']}")
    seed(patient, "d")
    rest = cc.done("GET", first["_links"]["next"]["href"].removeprefix("/v3"))
    assert [contact["email_address"]["address"][0] for contact in rest["contacts"]] == ["c", "d"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 501},
        {"limit": 0},
        {"limit": "x"},
        {"page": 2},
        {"status": "gone"},
        {"status": "active,gone"},
        {"include": "everything"},
        {"include_count": "yes"},
        {"updated_after": "yesterday"},
        {"lists": NOBODY},
        {"lists": ",".join([NOBODY] * 26)},
        {"tags": ",".join([NOBODY] * 51)},
        {"segment_id": "1", "status": "all"},
    ],
)
def test_what_is_unknown_or_out_of_range_is_refused(cc: Client, query: dict[str, Any]) -> None:
    message = cc.refused(400, "GET", "/contacts", **query)
    assert any(name in message for name in query)


@pytest.mark.parametrize("query", [{"segment_id": "1", "limit": 5}, {"tags": NOBODY}, {"sms_status": "all"}])
def test_segments_tags_and_sms_are_not_imitated(cc: Client, query: dict[str, Any]) -> None:
    cc.refused(501, "GET", "/contacts", **query)


def test_statuses_are_filters(cc: Client, patient: StandIn) -> None:
    for status in STATUSES:
        patient.act("create_contact", address=f"{status}@example.org", status=status)
    for status in STATUSES:
        assert names(cc, status=status) == [status]
    assert names(cc, status="active,deleted") == ["active", "deleted"]
    assert names(cc) == [status for status in STATUSES if status != "deleted"]
    assert names(cc, status="all") == list(STATUSES)


def test_an_address_is_found_whatever_its_case(cc: Client) -> None:
    cc.post("Ada@example.org")
    assert names(cc, email="aDA@EXAMPLE.org") == ["Ada"]
    assert names(cc, email="ad@example.org") == []
    assert names(cc, email=ADA, status="unsubscribed") == []


def test_members_of_lists(cc: Client, patient: StandIn) -> None:
    seed(patient, "a", lists=["choir"])
    seed(patient, "b", lists=["board"])
    seed(patient, "c")
    choir, board = (held["id"] for held in patient.state()["lists"])
    assert names(cc, lists=choir) == ["a"]
    assert names(cc, lists=f"{choir},{board}") == ["a", "b"]


def test_bounds_mean_strictly_after_and_before(ticking: StandIn, early: Client) -> None:
    seed(ticking, "a", "b", "c")
    for name in ("updated", "created"):
        assert names(early, **{f"{name}_after": SECOND}) == ["c"]
        assert names(early, **{f"{name}_before": SECOND}) == ["a"]
        assert names(early, **{f"{name}_after": START, f"{name}_before": "2026-01-01T00:02:00.000Z"}) == ["b"]
    ticking.switch(since_bounds="from")
    assert names(early, updated_after=SECOND) == ["b", "c"]


def test_opt_outs_by_their_date(ticking: StandIn, early: Client) -> None:
    seed(ticking, "a", "b", "c")
    for letter in "ab":
        ticking.act("unsubscribe", address=f"{letter}@example.org")
        ticking.clock(advance_seconds=60)
    assert names(early, optout_after="2026-01-01T00:03:00Z") == ["b"]
    assert names(early, optout_before="2026-01-01T00:04:00Z") == ["a"]
    ticking.act("resubscribe", address="b@example.org")
    assert names(early, optout_after=START) == ["a"]
    early.done("DELETE", f"/contacts/{early.contact('a@example.org')['contact_id']}")
    assert names(early, optout_after=START) == []
    assert names(early, optout_after=START, status="all") == ["a"]


@pytest.mark.parametrize("write", ["put", "sign up", "import", "membership", "opt-out", "names"])
def test_every_write_moves_updated_at(ticking: StandIn, early: Client, write: str) -> None:
    seed(ticking, "a", lists=["choir"])
    (choir,) = (held["id"] for held in ticking.state()["lists"])
    address = "a@example.org"
    before = early.contact(address)
    if write == "put":
        early.put(address)
    elif write == "sign up":
        early.done("POST", "/contacts/sign_up_form", {"email_address": address, "list_memberships": [choir]})
    elif write == "import":
        early.enrolled({"email": address}, lists=(choir,))
    elif write == "membership":
        body = {"source": {"contact_ids": [before["contact_id"]]}, "list_ids": [choir]}
        early.bulk("remove_list_memberships", body)
    elif write == "opt-out":
        ticking.act("unsubscribe", address=address)
    else:
        ticking.act("set_names", address=address, first_name="A", last_name="B")
    assert before["updated_at"] == START
    assert early.contact(address)["updated_at"] == SECOND


def test_include_may_be_repeated_beside_a_cursor(cc: Client, standin: StandIn) -> None:
    for n in range(2):
        cc.post(f"p{n}@example.org", list_memberships=[cc.list("choir") if n else cc.list("board")])
    first = cc.done("GET", "/contacts", limit=1)
    cursor = first["_links"]["next"]["href"].partition("cursor=")[2]
    (second,) = cc.done("GET", "/contacts", cursor=unquote(cursor), include="list_memberships")["contacts"]
    assert len(second["list_memberships"]) == 1
    cc.refused(400, "GET", "/contacts", cursor=unquote(cursor), status="all")
