"""One contact: created, changed, signed up, deleted, revived, and what no contact may be."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.constant_contact_client import ADA, BOB, NOBODY, Client, row_of

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

FULL: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Example",
    "job_title": "Chair",
    "company_name": "Example Association",
    "birthday_month": 12,
    "birthday_day": 10,
    "anniversary": "2006-11-15",
    "phone_numbers": [{"phone_number": "555-0100", "kind": "work"}],
    "street_addresses": [{"kind": "home", "street": "1 Example Street", "city": "Springfield"}],
    "notes": [{"content": "met at the fair"}],
}
EVERYTHING = "custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes"


def field(cc: Client, label: str = "Member number") -> str:
    return str(cc.done("POST", "/contact_custom_fields", {"label": label, "type": "string"})["custom_field_id"])


def test_a_new_contact_is_shown_in_full(cc: Client, patient: StandIn) -> None:
    patient.clock(set="2026-05-05T10:00:00Z", frozen=True)
    own, choir = field(cc), cc.list("choir")
    values = [{"custom_field_id": own, "value": "17"}]
    response = cc.post("Ada@example.org", **FULL, list_memberships=[choir], custom_fields=values)
    contact = response.json()
    assert response.status_code == 201
    assert {name: contact[name] for name in list(FULL)[:7]} == {name: FULL[name] for name in list(FULL)[:7]}
    assert (contact["list_memberships"], contact["custom_fields"], contact["taggings"]) == ([choir], values, [])
    assert contact["phone_numbers"][0]["kind"] == "work"
    assert contact["street_addresses"][0]["city"] == "Springfield"
    assert contact["notes"][0]["content"] == "met at the fair"
    assert (contact["create_source"], contact["created_at"]) == ("Account", "2026-05-05T10:00:00Z")
    email = contact["email_address"]
    assert (email["address"], email["permission_to_send"]) == ("Ada@example.org", "implicit")
    assert (email["opt_in_source"], email["opt_in_date"]) == ("Account", "2026-05-05T10:00:00Z")
    assert "opt_out_source" not in email


def test_subresources_are_shown_when_asked_for(cc: Client) -> None:
    path = f"/contacts/{cc.post(ADA, **FULL).json()['contact_id']}"
    assert not set(EVERYTHING.split(",")) & set(cc.done("GET", path))
    assert set(EVERYTHING.split(",")) <= set(cc.done("GET", path, include=EVERYTHING))
    assert "notes" in cc.contact(ADA, include="notes,taggings")
    cc.refused(400, "GET", path, include="addresses")


def test_a_name_is_enough_for_a_contact(cc: Client, patient: StandIn) -> None:
    contact = cc.done("POST", "/contacts", {"first_name": "Ada", "create_source": "Contact"})
    assert "email_address" not in contact
    assert row_of(patient, None)["status"] == "not_set"
    assert "missing" in cc.refused(400, "POST", "/contacts", {"company_name": "x", "create_source": "Contact"})
    body = {"update_source": "Account", "email_address": {"address": ADA}}
    changed = cc.done("PUT", f"/contacts/{contact['contact_id']}", body)
    assert changed["email_address"]["permission_to_send"] == "implicit"


@pytest.mark.parametrize("wording", ["prefixed", "bare", "old"])
def test_a_known_address_is_a_conflict_that_names_its_contact(cc: Client, patient: StandIn, wording: str) -> None:
    contact_id = cc.post(ADA).json()["contact_id"]
    patient.switch(conflict_wording=wording)
    response = cc.post("ADA@example.org")
    (error,) = response.json()
    assert (response.status_code, error["error_key"]) == (409, "contacts.api.conflict")
    assert error["error_message"].endswith(contact_id) is (wording != "old")
    assert error["error_message"].startswith("Validation failed: ") is (wording != "bare")


def test_a_deleted_contact_is_hidden_and_still_a_conflict(cc: Client, patient: StandIn) -> None:
    patient.clock(set="2026-05-05T10:00:00Z", frozen=True)
    contact_id = cc.post(ADA, list_memberships=[cc.list("choir")]).json()["contact_id"]
    assert cc("DELETE", f"/contacts/{contact_id}").status_code == 204
    assert cc.done("GET", "/contacts", email=ADA)["contacts"] == []
    contact = cc.contact(ADA, include="list_memberships")
    assert (contact["deleted_at"], contact["list_memberships"]) == ("2026-05-05", [])
    assert contact["email_address"]["permission_to_send"] == "implicit"
    assert "opt_out_date" not in contact["email_address"]
    assert cc.done("GET", f"/contacts/{contact_id}")["deleted_at"] == "2026-05-05"
    assert contact_id in cc.post(ADA).json()[0]["error_message"]
    patient.switch(deleted_opt_out_fields="shown")
    assert cc.contact(ADA)["email_address"]["opt_out_source"] == "Account"


def test_a_second_delete_is_refused(cc: Client, patient: StandIn) -> None:
    path = f"/contacts/{cc.post(ADA).json()['contact_id']}"
    cc.done("DELETE", path)
    cc.refused(404, "DELETE", path)
    patient.switch(second_delete="204")
    assert cc("DELETE", path).status_code == 204


def test_put_empties_what_is_not_sent_and_keeps_subresources(cc: Client) -> None:
    own, choir = field(cc), cc.list("choir")
    cc.post(ADA, **FULL, list_memberships=[choir], custom_fields=[{"custom_field_id": own, "value": "17"}])
    before = cc.contact(ADA, include=EVERYTHING)
    after = cc.put(ADA, last_name="New").json()
    assert after["last_name"] == "New"
    assert not {"first_name", "job_title", "company_name", "birthday_month", "anniversary"} & after.keys()
    kept = EVERYTHING.split(",")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["email_address"]["address"] == ADA
    assert "last_name" not in cc.put(ADA, last_name=None).json()


def test_put_without_the_address_empties_it(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    contact_id = cc.post(ADA, first_name="Ada", list_memberships=[choir]).json()["contact_id"]
    patient.act("unsubscribe", address=ADA)
    after = cc.done("PUT", f"/contacts/{contact_id}", {"update_source": "Account", "first_name": "Ada"})
    assert ("email_address" in after, after["first_name"]) == (False, "Ada")
    assert cc.done("GET", "/contacts", email=ADA, status="all")["contacts"] == []
    assert cc.post(ADA).json()["contact_id"] != contact_id
    back = cc.done("PUT", f"/contacts/{contact_id}", {"update_source": "Account", "email_address": {"address": BOB}})
    assert back["email_address"]["permission_to_send"] == "implicit"


def test_put_replaces_a_subresource_that_is_sent(cc: Client) -> None:
    choir, board = cc.list("choir"), cc.list("board")
    cc.post(ADA, **FULL, list_memberships=[choir])
    after = cc.put(ADA, list_memberships=[board], phone_numbers=[], notes=[]).json()
    assert (after["list_memberships"], after["phone_numbers"], after["notes"]) == ([board], [], [])
    assert len(after["street_addresses"]) == 1


def test_put_moves_a_contact_to_a_free_address_only(cc: Client) -> None:
    contact_id = cc.post(ADA).json()["contact_id"]
    other = cc.post(BOB).json()["contact_id"]
    cc.done("DELETE", f"/contacts/{other}")
    taken = cc.put(ADA, email_address={"address": BOB}, first_name="X")
    assert (taken.status_code, taken.json()[0]["error_message"][-36:]) == (409, other)
    assert "first_name" not in cc.contact(ADA), "nothing of a refused PUT is done"
    moved = cc.put(ADA, email_address={"address": "new@example.org"}).json()
    assert (moved["contact_id"], moved["email_address"]["address"]) == (contact_id, "new@example.org")
    assert cc.post(ADA).status_code == 201
    assert cc.put(ADA, email_address={"address": "ADA@example.org"}).json()["email_address"]["address"][:3] == "ADA"


def test_put_revives_a_deleted_contact_for_the_account_only(cc: Client, patient: StandIn) -> None:
    choir = cc.list("choir")
    cc.done("DELETE", f"/contacts/{cc.post(ADA).json()['contact_id']}")
    assert cc.put(ADA, update_source="Contact").status_code == 400
    revived = cc.put(ADA, list_memberships=[choir]).json()
    assert ("deleted_at" in revived, revived["list_memberships"]) == (False, [choir])
    assert row_of(patient, ADA)["status"] == "active"


def test_a_contact_is_found_by_its_id_only(cc: Client) -> None:
    contact_id = cc.post(ADA).json()["contact_id"]
    assert cc.done("GET", f"/contacts/{contact_id.upper()}")["contact_id"] == contact_id
    for name in (NOBODY, ADA, contact_id[:-1] + ("0" if contact_id[-1] != "0" else "1")):
        cc.refused(404, "GET", f"/contacts/{name}")
        cc.refused(404, "DELETE", f"/contacts/{name}")
        cc.refused(404, "PUT", f"/contacts/{name}", {"update_source": "Account"})


@pytest.mark.parametrize(
    "address", ["x@fake.example.org", "no address", "a@b", "a..b@example.org", "", "x" * 69 + "@example.org"]
)
def test_bad_addresses_are_refused(cc: Client, address: str) -> None:
    assert cc.post(address).status_code == 400
    assert cc.post(ADA).status_code == 201
    assert cc.put(ADA, email_address={"address": address}).status_code == 400
    cc.refused(400, "POST", "/contacts/sign_up_form", {"email_address": address, "list_memberships": [cc.list("l")]})


def test_addresses_have_eighty_characters_or_fifty(cc: Client) -> None:
    local = "x" * 46
    choir = cc.list("choir")
    assert cc.post(f"{local}@{'y' * 21}.example.org").status_code == 201
    sign_up = {"email_address": f"{local}@example.org", "list_memberships": [choir]}
    cc.refused(400, "POST", "/contacts/sign_up_form", sign_up)
    assert cc("POST", "/contacts/sign_up_form", sign_up | {"email_address": "x" * 38 + "@example.org"}).ok


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": "x" * 51},
        {"company_name": "x" * 51},
        {"anniversary": "soon"},
        {"anniversary": "2006-13-15"},
        {"birthday_month": 2},
        {"birthday_month": 13, "birthday_day": 1},
        {"phone_numbers": [{"phone_number": "5" * 26}]},
        {"phone_numbers": [{"phone_number": "5", "kind": "fax"}]},
        {"phone_numbers": [{"phone_number": "5"}] * 4},
        {"street_addresses": [{"street": "x"}]},
        {"street_addresses": [{"kind": "home", "city": "x" * 51}]},
        {"notes": [{"content": "x" * 2001}]},
        {"custom_fields": [{"custom_field_id": NOBODY, "value": "x"}]},
        {"custom_fields": [{"custom_field_id": NOBODY}] * 26},
        {"list_memberships": [NOBODY]},
        {"list_memberships": [NOBODY] * 51},
        {"nick_name": "x"},
    ],
)
def test_what_no_contact_may_have(cc: Client, fields: dict[str, Any]) -> None:
    assert cc.post(ADA, **fields).status_code == 400
    assert cc.post(BOB, first_name="Bob").status_code == 201
    assert cc.put(BOB, **fields).status_code == 400
    assert cc.contact(BOB)["first_name"] == "Bob"


def test_who_wrote_must_be_said(cc: Client) -> None:
    assert "create_source is missing" in cc.refused(400, "POST", "/contacts", {"first_name": "x"})
    assert "create_source does" in cc.refused(400, "POST", "/contacts", {"first_name": "x", "create_source": "Me"})
    path = f"/contacts/{cc.post(ADA).json()['contact_id']}"
    assert "update_source is missing" in cc.refused(400, "PUT", path, {"first_name": "x"})
    assert "address is missing" in cc.refused(400, "PUT", path, {"update_source": "Account", "email_address": {}})


@pytest.mark.parametrize("fields", [{"sms_channel": {}}, {"taggings": [NOBODY]}])
def test_what_is_not_imitated_says_so(cc: Client, fields: dict[str, Any]) -> None:
    assert cc.post(ADA, **fields).status_code == 501
    cc.post(ADA)
    assert cc.put(ADA, **fields).status_code == 501


def test_a_body_must_call_itself_json(cc: Client) -> None:
    response = cc.session.post(f"{cc.base}/contacts", data='{"create_source": "Account"}', timeout=10)
    assert response.status_code == 415
    headers = {"Content-Type": "application/json; charset=utf-8"}
    response = cc.session.post(f"{cc.base}/contacts", data='{"create_source', headers=headers, timeout=10)
    assert (response.status_code, response.json()[0]["error_key"]) == (400, "contacts.api.validation.error")


def test_counts_by_consent(cc: Client, patient: StandIn) -> None:
    cc.post(ADA)
    cc.post(BOB, email_address={"address": BOB, "permission_to_send": "explicit"})
    patient.act("create_contact", address="c@example.org", status="pending_confirmation")
    patient.act("create_contact", address="d@example.org", status="unsubscribed")
    patient.act("create_contact", address="e@example.org", status="deleted")
    counts = cc.done("GET", "/contacts/counts")
    assert counts == {"total": 4, "explicit": 1, "implicit": 1, "pending": 1, "unsubscribed": 1}
    assert cc.done("GET", "/contacts/counts", include="new_subscriber")["new_subscriber"] == 2
    patient.clock(advance_seconds=31 * 24 * 3600)
    later = Client(patient)
    assert later.done("GET", "/contacts/counts", include="new_subscriber")["new_subscriber"] == 0
