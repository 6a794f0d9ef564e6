"""Opting out and coming back: by the contact, by the account, by the sign-up form, and what overrules what."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.constant_contact_client import ADA, BOB, NOBODY, Client, row_of

pytest_plugins = ("unit.standins.constant_contact_fixtures",)


def permission(address: str, wanted: str, **more: str) -> dict[str, Any]:
    return {"address": address, "permission_to_send": wanted} | more


def sign_up(cc: Client, address: str, *lists: str, **fields: object) -> Any:
    return cc("POST", "/contacts/sign_up_form", {"email_address": address, "list_memberships": list(lists)} | fields)


def test_a_contact_that_opts_out_leaves_its_lists_and_is_marked(cc: Client, patient: StandIn) -> None:
    patient.switch(lists_of_unsubscribed="removed")
    patient.clock(set="2026-05-05T10:00:00Z", frozen=True)
    cc = Client(patient)
    cc.post(ADA, list_memberships=[cc.list("choir")])
    patient.clock(advance_seconds=60)
    patient.act("unsubscribe", address=ADA, reason="too much")
    contact = cc.contact(ADA, include="list_memberships")
    email = contact["email_address"]
    assert (email["permission_to_send"], email["opt_out_source"]) == ("unsubscribed", "Contact")
    assert (email["opt_out_date"], email["opt_out_reason"]) == ("2026-05-05T10:01:00Z", "too much")
    assert (contact["list_memberships"], contact["updated_at"]) == ([], "2026-05-05T10:01:00Z")
    assert row_of(patient, ADA)["unsubscribed_by"] == "contact"
    assert patient.state()["lists"][0]["members"] == 0


def test_lists_may_stay_after_an_opt_out(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    cc.post(ADA, list_memberships=[choir])
    patient.switch(lists_of_unsubscribed="kept")
    patient.act("unsubscribe", address=ADA)
    assert cc.contact(ADA, include="list_memberships")["list_memberships"] == [choir]
    counted = [cc.done("GET", f"/contact_lists/{choir}", include_membership_count=what) for what in ("all", "active")]
    assert [held["membership_count"] for held in counted] == [1, 0]


@pytest.mark.parametrize("wanted", ["implicit", "explicit", "pending_confirmation", "not_set"])
def test_the_account_does_not_overrule_a_contact(cc: Client, patient: StandIn, wanted: str) -> None:
    cc.post(ADA, first_name="Ada")
    patient.act("unsubscribe", address=ADA)
    before = row_of(patient, ADA)
    assert cc.put(ADA, email_address=permission(ADA, wanted)).status_code == 409
    patient.switch(opted_out_put="400")
    assert cc.put(ADA, email_address=permission(ADA, wanted)).status_code == 400
    assert row_of(patient, ADA) == before
    patient.switch(opted_out_put="kept")
    assert cc.put(ADA, email_address=permission(ADA, wanted)).json()["email_address"]["opt_out_source"] == "Contact"


@pytest.mark.parametrize("detour", ["delete and revive", "another address", "unsubscribe again", "import"])
def test_no_detour_of_the_account_leads_back(cc: Client, patient: StandIn, detour: str) -> None:
    cc.post(ADA)
    patient.act("unsubscribe", address=ADA)
    address = BOB if detour == "another address" else ADA
    if detour == "delete and revive":
        cc.done("DELETE", f"/contacts/{cc.contact(ADA)['contact_id']}")
        assert cc.put(ADA).status_code == 200
    elif detour == "another address":
        assert cc.put(ADA, email_address=permission(BOB, "unsubscribed")).status_code == 200
    elif detour == "unsubscribe again":
        assert cc.put(ADA, email_address=permission(ADA, "unsubscribed")).status_code == 200
    else:
        assert cc.enrolled({"email": ADA}, lists=(cc.list("choir"),))["cannot_add_to_list_count"] == 1
    assert cc.put(address, email_address=permission(address, "implicit")).status_code == 409
    assert row_of(patient, address)["status"] == "unsubscribed"


def test_the_contact_itself_comes_back(cc: Client, patient: StandIn) -> None:
    for how in ("PUT", "hand"):
        patient.act("create_contact", address=f"{how}@example.org", status="unsubscribed")
    answer = cc.put("PUT@example.org", "Contact", email_address=permission("PUT@example.org", "explicit")).json()
    assert (answer["email_address"]["permission_to_send"], "opt_out_date" in answer["email_address"]) == (
        "explicit",
        False,
    )
    patient.act("resubscribe", address="hand@example.org")
    assert cc.contact("hand@example.org")["email_address"]["opt_in_source"] == "Contact"


def test_who_was_taken_out_by_the_account_can_be_put_back_by_it(cc: Client, patient: StandIn) -> None:
    cc.post(ADA)
    patient.act("admin_unsubscribe", address=ADA)
    assert (row_of(patient, ADA)["opt_out_source"], row_of(patient, ADA)["unsubscribed_by"]) == ("Account", "admin")
    assert (
        cc.put(ADA, email_address=permission(ADA, "implicit")).json()["email_address"]["permission_to_send"]
        == "implicit"
    )
    assert row_of(patient, ADA)["opt_out_source"] is None


@pytest.mark.parametrize("source", ["Contact", "Account"])
def test_the_source_of_an_opt_out_by_put_is_its_update_source(cc: Client, patient: StandIn, source: str) -> None:
    cc.post(ADA, list_memberships=[cc.list("choir")])
    sent = permission(ADA, "unsubscribed", opt_out_reason="by phone")
    email = cc.put(ADA, source, email_address=sent).json()["email_address"]
    assert (email["opt_out_source"], email["opt_out_reason"]) == (source, "by phone")
    assert (row_of(patient, ADA)["unsubscribed_by"], row_of(patient, ADA)["lists"]) == ("api", ["choir"])
    back = cc.put(ADA, email_address=permission(ADA, "implicit"))
    assert back.status_code == (409 if source == "Contact" else 200)


def test_an_opt_out_by_the_account_becomes_one_by_the_contact_and_not_the_other_way(
    cc: Client, patient: StandIn
) -> None:
    cc.post(ADA)
    for source, after in (("Account", "Account"), ("Contact", "Contact"), ("Account", "Contact")):
        answer = cc.put(ADA, source, email_address=permission(ADA, "unsubscribed")).json()
        assert answer["email_address"]["opt_out_source"] == after
    patient.act("admin_unsubscribe", address=ADA)
    assert row_of(patient, ADA)["opt_out_source"] == "Contact"


def test_a_put_of_the_address_without_a_permission_leaves_an_opt_out_alone(cc: Client, patient: StandIn) -> None:
    cc.post(ADA)
    patient.act("unsubscribe", address=ADA)
    answer = cc.put(ADA, first_name="Ada", email_address={"address": ADA}).json()
    assert (answer["first_name"], answer["email_address"]["permission_to_send"]) == ("Ada", "unsubscribed")
    patient.switch(put_without_permission="implicit")
    assert cc.put(ADA, email_address={"address": ADA}).status_code == 409


def test_nobody_who_opted_out_is_put_into_a_list(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    cc.post(ADA)
    patient.act("unsubscribe", address=ADA)
    assert cc.put(ADA, list_memberships=[choir]).status_code == 400
    assert cc.post(BOB, email_address=permission(BOB, "unsubscribed"), list_memberships=[choir]).status_code == 400
    assert cc.put(ADA, list_memberships=[]).status_code == 200
    patient.switch(put_lists_of_unsubscribed="ignored")
    assert cc.put(ADA, list_memberships=[choir]).json()["list_memberships"] == []
    patient.switch(put_lists_of_unsubscribed="accepted")
    assert cc.put(ADA, list_memberships=[choir]).json()["list_memberships"] == [choir]


def test_a_contact_may_be_created_opted_out(cc: Client, patient: StandIn) -> None:
    email = cc.post(ADA, email_address=permission(ADA, "unsubscribed")).json()["email_address"]
    assert (email["permission_to_send"], email["opt_out_source"]) == ("unsubscribed", "Account")
    assert row_of(patient, ADA)["unsubscribed_by"] == "api"


def test_resubscribing_asks_once_and_waits_for_the_contact(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    contact_id = cc.post(ADA).json()["contact_id"]
    path, body = f"/contacts/resubscribe/{contact_id}", {"list_ids": [choir]}
    cc.refused(400, "PUT", path, body)
    patient.act("unsubscribe", address=ADA)
    cc.refused(400, "PUT", path, {"list_ids": []})
    cc.refused(400, "PUT", path, {"list_ids": [NOBODY]})
    cc.refused(404, "PUT", f"/contacts/resubscribe/{NOBODY}", body)
    response = cc("PUT", path, body)
    assert (response.status_code, response.content) == (200, b"")
    assert row_of(patient, ADA)["status"] == "unsubscribed"
    cc.refused(409, "PUT", path, body)
    patient.act("resubscribe", address=ADA)
    assert (row_of(patient, ADA)["permission"], row_of(patient, ADA)["lists"]) == ("explicit", ["choir"])


def test_the_sign_up_form_creates_and_appends(cc: Client, patient: StandIn) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    fields = [cc.done("POST", "/contact_custom_fields", {"label": name, "type": "string"}) for name in ("a", "b")]
    first, second = ([{"custom_field_id": field["custom_field_id"], "value": "x"}] for field in fields)
    created = sign_up(cc, ADA, choir, first_name="Ada", last_name="X", custom_fields=first, phone_number="555-0100")
    assert (created.status_code, created.json()["action"]) == (201, "created")
    place = {"kind": "work", "city": "Springfield"}
    updated = sign_up(cc, "ADA@example.org", board, last_name="Y", custom_fields=second, street_address=place)
    assert (updated.status_code, updated.json()) == (200, created.json() | {"action": "updated"})
    contact = cc.contact(ADA, include="custom_fields,list_memberships,phone_numbers,street_addresses")
    assert (contact["first_name"], contact["last_name"]) == ("Ada", "Y")
    assert (contact["list_memberships"], contact["custom_fields"]) == ([choir, board], first + second)
    assert (contact["phone_numbers"][0]["kind"], contact["street_addresses"][0]["kind"]) == ("other", "work")
    assert (row_of(patient, ADA)["permission"], contact["email_address"]["opt_in_source"]) == ("explicit", "Contact")


@pytest.mark.parametrize(
    "body",
    [
        {"email_address": ADA},
        {"email_address": ADA, "list_memberships": []},
        {"email_address": ADA, "list_memberships": [NOBODY]},
        {"list_memberships": ["own"]},
        {"email_address": ADA, "list_memberships": ["own"], "street_address": {"city": "x"}},
        {"email_address": ADA, "list_memberships": ["own"], "create_source": "Contact"},
        {"email_address": ADA, "list_memberships": ["own"], "custom_fields": [{"custom_field_id": NOBODY}]},
        {"email_address": {"address": ADA}, "list_memberships": ["own"]},
    ],
)
def test_what_the_sign_up_form_refuses(cc: Client, patient: StandIn, body: dict[str, Any]) -> None:
    own = cc.list("choir")
    if "list_memberships" in body:
        body = body | {"list_memberships": [own if name == "own" else name for name in body["list_memberships"]]}
    cc.refused(400, "POST", "/contacts/sign_up_form", body)
    assert patient.state()["contacts"] == []


def test_the_sign_up_form_makes_explicit_and_restores(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    patient.act("create_contact", address=ADA, status="unsubscribed")
    patient.act("create_contact", address=BOB, status="deleted")
    patient.switch(sign_up_of_opted_out="refused")
    assert sign_up(cc, ADA, choir).status_code == 409
    patient.switch(sign_up_of_opted_out="resubscribed")
    assert [sign_up(cc, address, choir).status_code for address in (ADA, BOB)] == [200, 200]
    rows = [row_of(patient, address) for address in (ADA, BOB)]
    assert [(row["status"], row["permission"], row["lists"]) for row in rows] == [("active", "explicit", ["choir"])] * 2


def test_with_confirmed_opt_in_a_new_contact_waits(cc: Client, patient: StandIn) -> None:
    patient.switch(confirmed_opt_in="on")
    sign_up(cc, ADA, cc.list("choir"))
    email = cc.contact(ADA)["email_address"]
    assert (email["permission_to_send"], email["confirm_status"]) == ("pending_confirmation", "pending")


def test_nobody_is_in_more_than_fifty_lists(cc: Client) -> None:
    fifty = [cc.list(f"list {n}") for n in range(50)]
    another = cc.list("another")
    cc.post(ADA, list_memberships=fifty)
    assert sign_up(cc, ADA, fifty[0]).status_code == 200
    assert sign_up(cc, ADA, another).status_code == 400
    assert cc.put(ADA, list_memberships=[*fifty, another]).status_code == 400


def test_the_history_shows_every_status_and_its_author(cc: Client, patient: StandIn) -> None:
    contact_id = cc.post(ADA).json()["contact_id"]
    patient.act("unsubscribe", address=ADA)
    patient.act("resubscribe", address=ADA)
    patient.act("admin_unsubscribe", address=ADA)
    cc.put(ADA, email_address=permission(ADA, "explicit"))
    cc.done("DELETE", f"/contacts/{contact_id}")
    history = patient.state(history=1)["history"]
    assert {(change["contact_id"], change["address"]) for change in history} == {(contact_id, ADA)}
    assert [(change["from"], change["to"], change["by"]) for change in history] == [
        (None, "active", "api"),
        ("active", "unsubscribed", "contact"),
        ("unsubscribed", "active", "contact"),
        ("active", "unsubscribed", "admin"),
        ("unsubscribed", "active", "api"),
        ("active", "deleted", "api"),
    ]
