"""The JSON import: what it makes of each row, what it counts, what it loses, and what it refuses as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from standins import StandIn
from unit.standins.constant_contact_client import ADA, BOB, NOBODY, Client, row_of

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

COUNTERS = ("items_total_count", "person_count", "error_count", "correctable_count", "cannot_add_to_list_count")


def counted(status: dict[str, int]) -> tuple[int, ...]:
    return tuple(status[name] for name in COUNTERS)


def sent(cc: Client, *rows: Mapping[str, object], lists: Sequence[str]) -> Any:
    return cc("POST", "/activities/contacts_json_import", {"import_data": list(rows), "list_ids": lists})


def test_new_people_are_implicit_and_in_the_lists(cc: Client, patient: StandIn) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    status = cc.enrolled({"email": "Ada@example.org", "first_name": "Ada"}, {"email": BOB}, lists=(choir, board))
    assert counted(status) == (3, 2, 0, 0, 0)
    contact = cc.contact(ADA, include="list_memberships")
    assert (contact["first_name"], contact["list_memberships"]) == ("Ada", [choir, board])
    email = contact["email_address"]
    assert (email["address"], email["permission_to_send"]) == ("Ada@example.org", "implicit")
    assert (email["opt_in_source"], contact["create_source"]) == ("Account", "Account")
    assert [held["members"] for held in patient.state()["lists"]] == [2, 2]


def test_of_known_people_only_what_is_sent_changes(cc: Client, patient: StandIn) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    cc.post(ADA, first_name="Ada", last_name="Old", job_title="Chair", list_memberships=[board])
    cc.put(
        ADA,
        first_name="Ada",
        last_name="Old",
        job_title="Chair",
        email_address={"address": ADA, "permission_to_send": "explicit"},
    )
    cc.enrolled({"email": ADA, "last_name": "New", "company_name": "Example"}, lists=(choir,))
    contact = cc.contact(ADA, include="list_memberships")
    parts = [contact[name] for name in ("first_name", "last_name", "job_title", "company_name")]
    assert parts == ["Ada", "New", "Chair", "Example"]
    assert contact["list_memberships"] == [board, choir]
    assert row_of(patient, ADA)["permission"] == "explicit"


def test_an_empty_text_leaves_a_value_or_clears_it(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    cc.post(ADA, first_name="Ada", job_title="Chair")
    row = {"email": ADA, "first_name": "", "job_title": ""}
    cc.enrolled(row, lists=(choir,))
    assert (cc.contact(ADA)["first_name"], cc.contact(ADA)["job_title"]) == ("Ada", "Chair")
    patient.switch(blank_in_import="cleared")
    cc.enrolled(row, lists=(choir,))
    assert not {"first_name", "job_title"} & cc.contact(ADA).keys()


def test_phones_addresses_and_custom_fields_go_where_they_belong(cc: Client) -> None:
    field = cc.done("POST", "/contact_custom_fields", {"label": "Member no", "type": "string"})
    cc.post(ADA, phone_numbers=[{"phone_number": "1", "kind": "work"}, {"phone_number": "2", "kind": "home"}])
    row: dict[str, object] = {"email": ADA, "phone": "3"}
    row |= {"work_phone": "4", "street": "1 Street", "street2": "Flat 2", "zip": "62701"}
    row |= {
        "work_city": "Springfield",
        "home country": "US",
        "cf:Member_no": "17",
        "birthday_month": 2,
        "birthday_day": 3,
    }
    cc.enrolled(row, lists=(cc.list("choir"),))
    contact = cc.contact(ADA, include="phone_numbers,street_addresses,custom_fields")
    assert {each["kind"]: each["phone_number"] for each in contact["phone_numbers"]} == {
        "other": "3",
        "work": "4",
        "home": "2",
    }
    home, work = contact["street_addresses"]
    assert (home["kind"], home["street"], home["postal_code"]) == ("home", "1 Street Flat 2", "62701")
    assert (home["country"], work["kind"], work["city"]) == ("US", "work", "Springfield")
    assert contact["custom_fields"] == [{"custom_field_id": field["custom_field_id"], "value": "17"}]
    assert (contact["birthday_month"], contact["birthday_day"]) == (2, 3)


@pytest.mark.parametrize("how", ["unsubscribe", "admin_unsubscribe"])
def test_who_opted_out_is_counted_and_not_added(cc: Client, patient: StandIn, how: str) -> None:
    choir = cc.list("choir")
    cc.post(ADA)
    patient.act(how, address=ADA)
    status = cc.enrolled({"email": ADA, "first_name": "Ada"}, {"email": BOB}, lists=(choir,))
    assert counted(status) == (3, 2, 0, 0, 1)
    row = row_of(patient, ADA)
    assert (row["status"], row["lists"], row["first_name"]) == ("unsubscribed", [], "Ada")
    assert row_of(patient, BOB)["lists"] == ["choir"]


@pytest.mark.parametrize(
    "row",
    [
        {"email": "x@fake.example.org"},
        {"email": "no address"},
        {"first_name": "nobody"},
        {"email": ADA, "anniversary": "soon"},
        {"email": ADA, "birthday_month": 2},
        {"email": ADA, "birthday_month": 13, "birthday_day": 1},
    ],
)
def test_rows_to_be_corrected_are_counted_and_set_aside(cc: Client, patient: StandIn, row: dict[str, object]) -> None:
    status = cc.enrolled(row, {"email": BOB}, lists=(cc.list("choir"),))
    assert counted(status) == (3, 2, 0, 1, 0)
    assert [each["address"] for each in patient.state()["contacts"]] == [BOB]


def test_a_deleted_contact_is_revived_or_not(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    patient.act("create_contact", address=ADA, status="deleted")
    patient.switch(import_revives="no")
    assert cc.enrolled({"email": ADA}, lists=(choir,))["error_count"] == 1
    assert row_of(patient, ADA)["status"] == "deleted"
    patient.switch(import_revives="yes")
    assert counted(cc.enrolled({"email": ADA}, lists=(choir,))) == (2, 1, 0, 0, 0)
    assert (row_of(patient, ADA)["status"], row_of(patient, ADA)["lists"]) == ("active", ["choir"])


def test_nobody_is_put_into_a_fifty_first_list(cc: Client, patient: StandIn) -> None:
    fifty = [cc.list(f"list {n}") for n in range(50)]
    cc.post(ADA, list_memberships=fifty[:49])
    assert cc.enrolled({"email": ADA}, lists=(fifty[49],))["cannot_add_to_list_count"] == 0
    assert cc.enrolled({"email": ADA, "first_name": "Ada"}, lists=(cc.list("x"),))["cannot_add_to_list_count"] == 1
    assert (len(row_of(patient, ADA)["lists"]), row_of(patient, ADA)["first_name"]) == (50, "Ada")


def test_a_list_that_is_gone_when_the_import_is_done_is_left_out(cc: Client, patient: StandIn) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    activity = sent(cc, {"email": ADA}, lists=[choir, board]).json()
    patient.act("delete_list", name="choir")
    assert cc.finished(activity["activity_id"])["state"] == "completed"
    assert row_of(patient, ADA)["lists"] == ["board"]


@pytest.mark.parametrize(
    "row",
    [
        {"email": "x" * 39 + "@example.org"},
        {"email": ADA, "first_name": "x" * 51},
        {"email": ADA, "street": "x" * 256},
        {"email": ADA, "home_zip": "x" * 51},
        {"email": ADA, "cf:own": "x" * 256},
    ],
)
def test_a_text_too_long_refuses_the_import_or_its_row(cc: Client, patient: StandIn, row: dict[str, object]) -> None:
    choir = cc.list("choir")
    cc.done("POST", "/contact_custom_fields", {"label": "own", "type": "string"})
    assert sent(cc, row, {"email": BOB}, lists=[choir]).status_code == 400
    patient.switch(overlong_in_import="correctable")
    assert counted(cc.enrolled(row, {"email": BOB}, lists=(choir,))) == (3, 2, 0, 1, 0)


@pytest.mark.parametrize(
    "row",
    [
        {"email": ADA, "nick_name": "x"},
        {"email": ADA, "cf:unknown": "x"},
        {"email": ADA, "first_name": None},
        {"email": ADA, "birthday_month": "2"},
        {"email": ADA, "phone": "1", "home_phone": "2", "work_phone": "3", "mobile_phone": "4"},
        {"email": ADA, **{f"cf:field_{n}": "x" for n in range(26)}},
        ["not", "an", "object"],
    ],
)
def test_a_row_that_means_nothing_refuses_the_import(cc: Client, row: Any) -> None:
    for n in range(26):
        cc.done("POST", "/contact_custom_fields", {"label": f"field {n}", "type": "string"})
    assert sent(cc, {"email": BOB}, row, lists=[cc.list("choir")]).status_code == 400


def test_a_row_may_have_fifty_characters_of_address_and_25_custom_fields(cc: Client) -> None:
    for n in range(25):
        cc.done("POST", "/contact_custom_fields", {"label": f"field {n}", "type": "string"})
    row = {"email": "x" * 38 + "@example.org"} | {f"cf:field_{n}": "x" for n in range(25)}
    assert counted(cc.enrolled(row, lists=(cc.list("choir"),))) == (2, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"list_ids": []},
        {"list_ids": [NOBODY]},
        {"list_ids": [NOBODY] * 51},
        {"import_data": []},
        {"import_data": {"email": ADA}},
        {"sms_permission_to_send": "maybe"},
        {"overwrite": True},
    ],
)
def test_what_no_import_may_be(cc: Client, change: dict[str, Any]) -> None:
    body = {"import_data": [{"email": ADA}], "list_ids": [cc.list("choir")]}
    cc.refused(400, "POST", "/activities/contacts_json_import", body | change)
    for name in body:
        cc.refused(400, "POST", "/activities/contacts_json_import", {key: body[key] for key in body if key != name})


def test_numbers_for_sms_are_not_imitated(cc: Client) -> None:
    choir = cc.list("choir")
    body = {"import_data": [{"email": ADA}], "list_ids": [choir], "sms_permission_to_send": "explicit"}
    cc.refused(501, "POST", "/activities/contacts_json_import", body)
    assert sent(cc, {"email": ADA, "sms_number": "5550100000"}, lists=[choir]).status_code == 501


def test_forty_thousand_rows_are_the_most(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    rows = [{"email": f"p{n}@example.org"} for n in range(40_001)]
    assert sent(cc, *rows, lists=[choir]).status_code == 400
    assert counted(cc.enrolled(*rows[1:], lists=(choir,))) == (40_001, 40_000, 0, 0, 0)
    assert patient.state(counts=1)["counts"] == {"active": 40_000, "contacts": 40_000, "lists": 1}


@pytest.mark.parametrize("spared", [0, 1])
def test_what_is_beyond_four_megabytes_is_lost_without_a_word(cc: Client, patient: StandIn, spared: int) -> None:
    choir = cc.list("choir")
    rows = [{"email": f"p{n}@example.org", "street": "x" * 200} for n in range(100)]
    body = json.dumps({"list_ids": [choir], "import_data": rows}).encode()
    cut = body.index(json.dumps(rows[60]).encode()) + len(json.dumps(rows[60])) - 1 + spared
    patient.switch(import_bytes=cut)
    headers = {"Content-Type": "application/json"}
    response = cc.session.post(f"{cc.base}/activities/contacts_json_import", data=body, headers=headers, timeout=30)
    assert response.status_code == 201
    done = cc.finished(response.json()["activity_id"])
    assert (done["state"], done["activity_errors"]) == ("completed", [])
    assert counted(done["status"]) == (61 + spared, 60 + spared, 0, 0, 0)
    addresses = [row["address"] for row in patient.state()["contacts"]]
    assert addresses == [f"p{n}@example.org" for n in range(60 + spared)]


def test_the_limit_is_four_million_bytes(cc: Client, patient: StandIn) -> None:
    streets = {f"{kind}street": "x" * 255 for kind in ("", "home_", "work_", "other_")}
    rows = [{"email": f"p{n}@example.org"} | streets for n in range(3_900)]
    status = cc.enrolled(*rows, lists=(cc.list("choir"),))
    assert len(json.dumps(rows)) > 4 * 1024 * 1024
    assert 3_990_000 < len(json.dumps(rows[: status["person_count"]])) <= 4_000_000
