"""Contact lists and custom fields: names, numbers, pages, and a deletion that comes later."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.constant_contact_client import ADA, NOBODY, Client

pytest_plugins = ("unit.standins.constant_contact_fixtures",)


def names(cc: Client, **query: Any) -> list[str]:
    return [held["name"] for held in cc.done("GET", "/contact_lists", **query)["lists"]]


def field(cc: Client, label: str, **more: object) -> Any:
    return cc.done("POST", "/contact_custom_fields", {"label": label, "type": "string"} | more)


def test_a_list_is_created_shown_and_changed(cc: Client, patient: StandIn) -> None:
    patient.clock(set="2026-05-05T10:00:00Z", frozen=True)
    body = {"name": "Choir", "favorite": True, "description": "who sings"}
    response = cc("POST", "/contact_lists", body)
    made = response.json()
    assert (response.status_code, made | body) == (201, made)
    assert made["created_at"] == made["updated_at"] == "2026-05-05T10:00:00Z"
    path = f"/contact_lists/{made['list_id']}"
    assert cc.done("GET", path) == made
    patient.clock(advance_seconds=60)
    changed = cc.done("PUT", path, {"name": "Choirs"})
    assert (changed["name"], changed["favorite"], "description" in changed) == ("Choirs", False, False)
    assert changed["updated_at"] == "2026-05-05T10:01:00Z"


def test_list_names_are_unique_whatever_their_case(cc: Client, patient: StandIn) -> None:
    cc.list("Choir")
    board = cc.list("Board")
    cc.refused(409, "POST", "/contact_lists", {"name": "choir"})
    cc.refused(400, "PUT", f"/contact_lists/{board}", {"name": "CHOIR"})
    patient.switch(put_list_taken_name="409")
    cc.refused(409, "PUT", f"/contact_lists/{board}", {"name": "CHOIR"})
    assert cc.done("PUT", f"/contact_lists/{board}", {"name": "BOARD"})["name"] == "BOARD"


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": " "}, {"name": "x" * 256}, {"name": "x", "description": "x" * 256}, {"name": 1}]
)
def test_what_is_no_list_is_refused(cc: Client, body: dict[str, object]) -> None:
    own = cc.list("x" * 255)
    cc.refused(400, "POST", "/contact_lists", body)
    cc.refused(400, "PUT", f"/contact_lists/{own}", body)


def test_an_account_has_a_thousand_lists(cc: Client, patient: StandIn) -> None:
    actions = [{"action": "create_list", "name": f"list {n}"} for n in range(1000)]
    patient.control("POST", "state", {"actions": actions})
    cc.refused(400, "POST", "/contact_lists", {"name": "one more"})
    patient.act("delete_list", name="list 7")
    assert cc("POST", "/contact_lists", {"name": "one more"}).status_code == 201


def test_lists_come_in_pages_and_are_counted_on_demand(cc: Client, patient: StandIn) -> None:
    for n in range(120):
        patient.act("create_list", name=f"list {n}")
    first = cc.done("GET", "/contact_lists")
    assert (len(first["lists"]), "lists_count" in first) == (50, False)
    pages = cc.pages("/contact_lists", include_count="true", limit=60)
    assert [(len(page["lists"]), page["lists_count"]) for page in pages] == [(60, 120)] * 2
    assert [held["name"] for page in pages for held in page["lists"]] == [f"list {n}" for n in range(120)]
    cc.refused(400, "GET", "/contact_lists", limit=501)
    patient.switch(lists_limit="1000")
    assert len(names(cc, limit=1000)) == 120


def test_members_are_counted_on_demand(cc: Client, patient: StandIn) -> None:
    patient.act("create_contact", address=ADA, lists=["choir"])
    patient.act("create_contact", address="b@example.org", lists=["choir"], status="pending_confirmation")
    (held,) = cc.done("GET", "/contact_lists")["lists"]
    assert "membership_count" not in held
    for what, number in (("all", 2), ("active", 1)):
        (held,) = cc.done("GET", "/contact_lists", include_membership_count=what)["lists"]
        assert held["membership_count"] == number
    cc.refused(400, "GET", "/contact_lists", include_membership_count="some")


def test_a_list_is_found_by_its_full_name(cc: Client) -> None:
    cc.list("Choir")
    cc.list("Choir of children")
    assert names(cc, name="Choir") == ["Choir"]
    assert names(cc, name="choir") == []


def test_deleting_a_list_is_done_later_and_leaves_its_contacts(cc: Client, patient: StandIn) -> None:
    own = cc.list("Choir")
    cc.post(ADA, list_memberships=[own])
    response = cc("DELETE", f"/contact_lists/{own}")
    activity = response.json()
    assert (response.status_code, activity["state"], "status" in activity) == (202, "initialized", False)
    assert response.headers["Location"] == activity["_links"]["self"]["href"]
    assert names(cc) == ["Choir"]
    cc.refused(409, "POST", "/contact_lists", {"name": "Choir"})
    assert cc.finished(activity["activity_id"])["state"] == "completed"
    assert names(cc) == []
    assert names(cc, status="deleted") == names(cc, status="all") == ["Choir"]
    assert cc.contact(ADA, include="list_memberships")["list_memberships"] == []
    assert patient.state()["lists"][0]["deleted"]


def test_a_deleted_list_is_gone_and_its_name_is_free(cc: Client, patient: StandIn) -> None:
    own = cc.list("Choir")
    patient.act("delete_list", name="choir")
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        cc.refused(404, method, f"/contact_lists/{own}", body)
    cc.refused(404, "GET", f"/contact_lists/{NOBODY}")
    assert cc.post(ADA, list_memberships=[own]).status_code == 400
    patient.switch(deleted_list="shown", deleted_list_name="taken")
    assert cc.done("GET", f"/contact_lists/{own}")["deleted_at"]
    cc.refused(409, "POST", "/contact_lists", {"name": "Choir"})
    patient.switch(deleted_list_name="free")
    assert cc.list("Choir") != own


def test_lists_for_sms_are_not_imitated(cc: Client) -> None:
    cc.list("Choir")
    assert names(cc, channel_type="email") == ["Choir"]
    cc.refused(501, "GET", "/contact_lists", channel_type="sms")


def test_a_custom_field_is_named_after_its_label(cc: Client) -> None:
    made = field(cc, "Member since year")
    assert (made["name"], made["type"]) == ("Member_since_year", "string")
    path = f"/contact_custom_fields/{made['custom_field_id']}"
    assert cc.done("GET", path) == made
    assert cc.done("PUT", path, {"label": "Since"}) | {"updated_at": ""} == made | {"label": "Since", "updated_at": ""}
    cc.refused(409, "POST", "/contact_custom_fields", {"label": "member since YEAR", "type": "date"})
    cc.refused(404, "GET", f"/contact_custom_fields/{NOBODY}")


def test_choices_belong_to_fields_that_have_some(cc: Client) -> None:
    choices = [{"choice_label": "red"}, {"choice_label": "blue", "display_order": 9}]
    made = field(cc, "Colour", type="single_select", choices=choices, metadata={"display_type": "radio"})
    assert [choice["display_order"] for choice in made["choices"]] == [1, 9]
    value = {"custom_field_id": made["custom_field_id"], "choice_ids": [str(made["choices"][1]["choice_id"])]}
    contact = cc.post(ADA, custom_fields=[value]).json()
    assert contact["custom_fields"] == [value]
    assert cc.put(ADA, custom_fields=[value | {"choice_ids": ["999"]}]).status_code == 400
    assert cc.put(ADA, custom_fields=[{"custom_field_id": made["custom_field_id"], "value": "red"}]).status_code == 400
    cc.refused(400, "PUT", f"/contact_custom_fields/{made['custom_field_id']}", {"label": "Colour"})


@pytest.mark.parametrize(
    "body",
    [
        {"label": "x"},
        {"type": "string"},
        {"label": " ", "type": "string"},
        {"label": "x" * 51, "type": "string"},
        {"label": "x", "type": "colour"},
        {"label": "x", "type": "single_select"},
        {"label": "x", "type": "string", "choices": [{"choice_label": "y"}]},
        {"label": "x", "type": "single_select", "choices": [{"choice_label": "y"}] * 101},
        {"label": "x", "type": "string", "name": "x"},
    ],
)
def test_what_is_no_custom_field_is_refused(cc: Client, body: dict[str, object]) -> None:
    cc.refused(400, "POST", "/contact_custom_fields", body)


def test_an_account_has_a_hundred_custom_fields(cc: Client) -> None:
    for n in range(100):
        field(cc, f"field {n}")
    cc.refused(400, "POST", "/contact_custom_fields", {"label": "one more", "type": "string"})
    pages = cc.pages("/contact_custom_fields")
    assert [len(page["custom_fields"]) for page in pages] == [50, 50]
    cc.refused(400, "GET", "/contact_custom_fields", limit=101)


def test_the_values_of_a_deleted_field_are_gone(cc: Client, patient: StandIn) -> None:
    own, other = (field(cc, label)["custom_field_id"] for label in ("own", "other"))
    cc.post(ADA, custom_fields=[{"custom_field_id": each, "value": "x"} for each in (own, other)])
    assert cc("DELETE", f"/contact_custom_fields/{own}").status_code == 204
    cc.refused(404, "DELETE", f"/contact_custom_fields/{own}")
    patient.act("delete_custom_field", name="other")
    assert cc.contact(ADA, include="custom_fields")["custom_fields"] == []
