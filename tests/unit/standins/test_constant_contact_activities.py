"""Bulk activities: their steps, their queue, their ten days, and whom each of them is about."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn, StandInError
from unit.standins.constant_contact_client import ADA, BOB, EVE, NOBODY, Client, row_of

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

DAY = 24 * 3600


def seed(cc: Client, *addresses: str, lists: tuple[str, ...] = ()) -> list[str]:
    return [cc.post(address, list_memberships=list(lists)).json()["contact_id"] for address in addresses]


def addition(ids: list[str], *lists: str) -> dict[str, Any]:
    return {"source": {"contact_ids": ids}, "list_ids": list(lists)}


def queued(cc: Client, number: int = 1) -> list[str]:
    choir = cc.list(f"list {number}")
    body = addition([NOBODY], choir)
    return [cc.done("POST", "/activities/add_list_memberships", body)["activity_id"] for _ in range(number)]


def members(standin: StandIn) -> dict[str, set[str]]:
    return {
        held["name"]: {row["address"] for row in standin.state()["contacts"] if held["name"] in row["lists"]}
        for held in standin.state()["lists"]
    }


def test_an_activity_takes_two_looks_and_then_has_its_effect(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    response = cc("POST", "/activities/add_list_memberships", addition(seed(cc, ADA), choir))
    made = response.json()
    assert (response.status_code, made["state"], made["percent_done"], made["status"]) == (201, "initialized", 0, {})
    assert "started_at" not in made
    path = made["_links"]["self"]["href"].removeprefix("/v3")
    assert path == f"/activities/{made['activity_id']}"
    first = cc.done("GET", path)
    assert (first["state"], first["percent_done"]) == ("processing", 50)
    assert first["status"] == {"items_total_count": 1, "items_completed_count": 0, "list_count": 1}
    assert members(patient) == {"choir": set()}
    second = cc.done("GET", path)
    assert (second["state"], second["percent_done"], second["activity_errors"]) == ("completed", 100, [])
    assert second["status"] == {"items_total_count": 1, "items_completed_count": 1, "list_count": 1}
    assert second["completed_at"] >= second["started_at"] >= second["created_at"]
    assert members(patient) == {"choir": {ADA}}
    assert cc.done("GET", path) == second


@pytest.mark.parametrize("looks", [1, 4])
def test_how_many_looks_it_takes_can_be_chosen(cc: Client, patient: StandIn, looks: int) -> None:
    patient.switch(polls_to_complete=looks)
    (activity_id,) = queued(cc)
    states = [cc.done("GET", f"/activities/{activity_id}")["state"] for _ in range(looks + 1)]
    assert states == ["processing"] * (looks - 1) + ["completed"] * 2


def test_activities_end_in_the_order_of_looking(cc: Client, patient: StandIn) -> None:
    choir, (ada,) = cc.list("choir"), seed(cc, ADA)
    first = cc.done("POST", "/activities/add_list_memberships", addition([ada], choir))
    second = cc.done("POST", "/activities/remove_list_memberships", addition([ada], choir))
    cc.finished(second["activity_id"])
    assert members(patient) == {"choir": set()}
    cc.finished(first["activity_id"])
    assert members(patient) == {"choir": {ADA}}


def test_a_listing_is_a_look_at_each_it_shows(cc: Client) -> None:
    ids = queued(cc, 3)
    assert cc.done("GET", "/activities", state="completed")["activities"] == []
    newest = cc.done("GET", "/activities", limit=1)
    assert [each["activity_id"] for each in newest["activities"]] == [ids[2]]
    assert [each["state"] for each in cc.done("GET", "/activities")["activities"]] == ["completed"] + ["processing"] * 2
    completed = cc.pages("/activities", limit=2, state="completed")
    assert [each["activity_id"] for page in completed for each in page["activities"]] == ids[::-1]
    for wrong in ({"state": "initialized"}, {"limit": 501}, {"since": "x"}):
        cc.refused(400, "GET", "/activities", **wrong)


def test_an_activity_is_forgotten_after_ten_days(cc: Client, patient: StandIn) -> None:
    (activity_id,) = queued(cc)
    for days, status, number in ((9, 200, 1), (2, 404, 0)):
        patient.clock(advance_seconds=days * DAY)
        later = Client(patient)
        assert later("GET", f"/activities/{activity_id}").status_code == status
        assert len(later.done("GET", "/activities")["activities"]) == number
    assert later.refused(404, "GET", f"/activities/{NOBODY}")


@pytest.mark.parametrize("state", ["failed", "timed_out", "cancelled"])
def test_the_next_activity_can_be_made_to_fail(cc: Client, patient: StandIn, state: str) -> None:
    choir, ids = cc.list("choir"), seed(cc, ADA, BOB, EVE)
    patient.act("fail_next_activity", state=state, errors=["something broke"])
    patient.act("fail_next_activity", state=state, applied=1)
    outcomes = [cc.bulk("add_list_memberships", addition(ids, choir)) for _ in range(2)]
    assert [(each["state"], each["percent_done"]) for each in outcomes] == [(state, 50)] * 2
    assert [each["activity_errors"] for each in outcomes] == [["something broke"], []]
    assert [each["status"]["items_completed_count"] for each in outcomes] == [0, 1]
    assert members(patient) == {"choir": {ADA}}
    assert cc.bulk("add_list_memberships", addition(ids, choir))["state"] == "completed"
    with pytest.raises(StandInError):
        patient.act("fail_next_activity", state="completed")


def test_a_full_queue_refuses_bulk_calls_with_a_429_of_its_own(cc: Client, patient: StandIn) -> None:
    patient.switch(queued_activities=2)
    first, _ = queued(cc, 2)
    own = cc.list("own")
    response = cc("POST", "/activities/list_delete", {"list_ids": [own]})
    assert (response.status_code, response.json()["error_key"]) == (429, "too_many_activities")
    assert cc("DELETE", f"/contact_lists/{own}").status_code == 202
    assert patient.act("finish_activities") == {"finished": 3}
    assert cc.done("GET", f"/activities/{first}")["state"] == "completed"
    assert cc("POST", "/activities/list_delete", {"list_ids": [cc.list("other")]}).status_code == 201


def test_memberships_by_contacts_lists_and_all(cc: Client, patient: StandIn) -> None:
    choir, board, news = (cc.list(name) for name in ("choir", "board", "news"))
    ada, _ = seed(cc, ADA, BOB, lists=(choir,))
    seed(cc, EVE)
    body = {"source": {"list_ids": [choir]}, "exclude": {"contact_ids": [ada]}, "list_ids": [board, news]}
    assert cc.bulk("add_list_memberships", body)["status"]["list_count"] == 2
    assert members(patient) == {"choir": {ADA, BOB}, "board": {BOB}, "news": {BOB}}
    cc.bulk("add_list_memberships", {"source": {"all_active_contacts": True}, "list_ids": [news]})
    assert members(patient)["news"] == {ADA, BOB, EVE}
    done = cc.bulk("remove_list_memberships", addition([ada, ada, NOBODY], choir, news))
    assert done["status"]["items_completed_count"] == 1
    assert members(patient) == {"choir": {BOB}, "board": {BOB}, "news": {BOB, EVE}}
    cc.bulk("remove_list_memberships", {"source": {"list_ids": [choir]}, "list_ids": [news]})
    assert members(patient)["news"] == {EVE}


def test_who_opted_out_or_is_in_fifty_lists_or_deleted_is_passed_over(cc: Client, patient: StandIn) -> None:
    fifty = [cc.list(f"list {n}") for n in range(50)]
    choir = cc.list("choir")
    ids = seed(cc, ADA, BOB, EVE, "d@example.org")
    cc.put(ADA, list_memberships=fifty)
    patient.act("unsubscribe", address=BOB)
    patient.act("delete_contact", address=EVE)
    done = cc.bulk("add_list_memberships", addition(ids, choir))
    assert (done["state"], done["status"]["items_total_count"]) == ("completed", 3)
    assert done["activity_errors"] == ["2 contacts could not be added to a list."]
    assert members(patient)["choir"] == {"d@example.org"}


@pytest.mark.parametrize("name", ["add_list_memberships", "remove_list_memberships"])
@pytest.mark.parametrize(
    "change",
    [
        {"source": {}},
        {"source": {"all_active_contacts": False}},
        {"source": {"contact_ids": []}},
        {"source": {"contact_ids": [NOBODY] * 501}},
        {"source": {"contact_ids": ["ada"]}},
        {"source": {"list_ids": [NOBODY]}},
        {"source": {"contact_ids": [NOBODY], "all_active_contacts": True}},
        {"source": {"everyone": True}},
        {"list_ids": []},
        {"list_ids": [NOBODY]},
        {"list_ids": [NOBODY] * 51},
        {"exclude": {"contact_ids": [NOBODY]}},
        {"colour": "blue"},
    ],
)
def test_what_no_change_of_memberships_may_be(cc: Client, name: str, change: dict[str, Any]) -> None:
    body = addition([NOBODY], cc.list("choir")) | change
    cc.refused(400, "POST", f"/activities/{name}", body)
    assert cc.done("GET", "/activities")["activities"] == []


@pytest.mark.parametrize("source", [{"segment_id": 1}, {"tag_ids": [NOBODY]}, {"engagement_level": "high"}])
def test_sources_that_are_not_imitated_say_so(cc: Client, source: dict[str, Any]) -> None:
    body = {"source": source, "list_ids": [cc.list("choir")]}
    cc.refused(501, "POST", "/activities/add_list_memberships", body)
    cc.refused(400 if "segment_id" in source else 501, "POST", "/activities/remove_list_memberships", body)


def test_contacts_are_deleted_by_id_or_by_list(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    ada, _ = seed(cc, ADA, BOB)
    seed(cc, EVE, lists=(choir,))
    done = cc.bulk("contact_delete", {"contact_ids": [ada, NOBODY]})
    assert done["status"] == {"items_total_count": 1, "items_completed_count": 1}
    done = cc.bulk("contact_delete", {"list_ids": [choir]})
    assert done["status"] == {"items_total_count": 1, "items_completed_count": 1, "list_count": 1}
    assert [row_of(patient, address)["status"] for address in (ADA, BOB, EVE)] == ["deleted", "active", "deleted"]
    assert patient.state()["lists"][0]["members"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contact_ids": [NOBODY], "list_ids": [NOBODY]},
        {"contact_ids": [NOBODY] * 501},
        {"contact_ids": []},
        {"list_ids": [NOBODY] * 51},
        {"list_ids": [NOBODY]},
    ],
)
def test_what_no_deletion_of_contacts_may_be(cc: Client, body: dict[str, Any]) -> None:
    cc.refused(400, "POST", "/activities/contact_delete", body)


def test_lists_are_deleted_together(cc: Client, patient: StandIn) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    seed(cc, ADA, lists=(choir, board))
    body = {"list_ids": [choir, board]}
    receipts = [cc.done("POST", "/activities/list_delete", body) for _ in range(2)]
    assert [cc.finished(each["activity_id"])["status"] for each in receipts] == [{"list_count": 2}, {"list_count": 0}]
    assert members(patient) == {"choir": set(), "board": set()}
    for wrong in ([], [NOBODY], [choir], [NOBODY] * 101):
        cc.refused(400, "POST", "/activities/list_delete", {"list_ids": wrong})
