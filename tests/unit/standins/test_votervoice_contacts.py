"""One contact: created, replaced, given an id and deleted; what a record may hold, and who is refused."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.votervoice_client import CONTACTS, Client, record

provider = pytest.fixture(lambda: "votervoice")

ADA, BOB = "Ada@example.org", "bob@example.org"


def test_a_new_contact_is_answered_without_a_body(api: Client, standin: StandIn) -> None:
    standin.clock(frozen=True)
    standin.clock(set="2026-01-02T03:04:05Z")
    answer = api.post("1", ADA, givenNames="Ada", surname="Example", businessPositionName="Head", faxNumber=None)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["Content-Length"] == "0"
    assert api.one("1") == {
        "membership": {"groupList": None, "contactId": "1", "dateRegistered": None},
        "honorific": None,
        "givenNames": "Ada",
        "surname": "Example",
        "suffix": None,
        "emailAddress": ADA,
        "phoneNumber": None,
        "faxNumber": None,
        "businessCompanyName": None,
        "businessPositionName": "Head",
        "homeAddress": None,
        "businessAddress": None,
        "isNonDeliverableEmail": False,
        "dateUpdated": "2026-01-02T03:04:05.0000000Z",
    }


def test_an_id_or_an_address_is_enough(api: Client, standin: StandIn) -> None:
    assert api.post("1").status_code == 201
    assert api.post(None, BOB).status_code == 201
    assert api.post(None).status_code == 400
    assert api("POST", CONTACTS, {}).status_code == 400
    assert standin.state()["counts"]["contacts"] == 2


@pytest.mark.parametrize("body", [record("1", "new@example.org"), record("2", ADA.upper()), record(None, ADA)])
def test_a_known_id_or_address_is_a_conflict(api: Client, standin: StandIn, body: dict[str, Any]) -> None:
    api.post("1", ADA)
    assert api("POST", CONTACTS, body).status_code == 409
    assert standin.state()["counts"]["contacts"] == 1
    standin.switch(duplicate="second")
    assert api("POST", CONTACTS, body).status_code == 201
    assert standin.state()["counts"]["contacts"] == 2


def test_put_replaces_the_whole_contact(api: Client, standin: StandIn) -> None:
    custom = [{"id": "1001", "value": "Full"}]
    api.post("1", ADA, givenNames="Ada", homeAddress=api.address(), customFieldValues=custom)
    before = api.one("1")
    answer = api.put("1", ADA, surname="Example")
    assert (answer.status_code, answer.content) == (204, b"")
    after = api.one("1")
    changed = {"givenNames": None, "surname": "Example", "homeAddress": None}
    assert before.pop("customFieldValues") == custom
    assert after == before | changed | {"dateUpdated": after["dateUpdated"]}
    assert after["dateUpdated"] > before["dateUpdated"]


def test_by_switch_put_keeps_what_it_leaves_out(api: Client, standin: StandIn) -> None:
    standin.switch(put_omitted="kept")
    api.post("1", ADA, givenNames="Ada", homeAddress=api.address(), customFieldValues=[{"id": "1004", "value": True}])
    before = api.one("1")
    assert api("PUT", CONTACTS, {"surname": "Example"}, contactId="1").status_code == 204
    after = api.one("1")
    assert after == before | {"surname": "Example", "dateUpdated": after["dateUpdated"]}
    assert api("PUT", CONTACTS, {"surname": None, "homeAddress": None}, contactId="1").status_code == 204
    assert (api.one("1")["surname"], api.one("1")["homeAddress"]) == (None, None)


def test_put_refuses_another_id_and_a_taken_address(api: Client) -> None:
    api.post("1", ADA)
    api.post("2", BOB)
    assert api("PUT", CONTACTS, record("2", ADA), contactId="1").status_code == 400
    assert api.put("1", BOB).status_code == 409
    assert api.put("1", ADA.lower()).status_code == 204
    assert api("PUT", CONTACTS, record("1", ADA)).status_code == 400
    assert [each["emailAddress"] for each in api.found(contactId="1")] == [ADA.lower()]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_unknown_contact_is_404(api: Client, method: str) -> None:
    api.post("1", ADA)
    body = {"PUT": record("2"), "PATCH": {"membership": {"contactId": "2"}}}.get(method)
    name = "temporaryContactId" if method == "PATCH" else "contactId"
    assert api(method, CONTACTS, body, **{name: "2"}).status_code == 404
    assert api(method, CONTACTS, body).status_code == 400


def test_patch_gives_an_id_to_a_contact_without_one(api: Client, standin: StandIn) -> None:
    standin.act("create_contact", address=ADA, given_names="Ada")
    (contact,) = api.found(email=ADA)
    assert contact["membership"]["contactId"] is None
    assert api.patch(contact["temporaryContactId"], "1").status_code == 204
    assert "temporaryContactId" not in api.one("1")
    assert (api.one("1")["givenNames"], api.patch(contact["temporaryContactId"], "2").status_code) == ("Ada", 404)


def test_patch_takes_an_id_that_is_free_and_nothing_else(api: Client, standin: StandIn) -> None:
    api.post("1", BOB)
    standin.act("create_contact", address=ADA)
    temporary = api.found(email=ADA)[0]["temporaryContactId"]
    assert api.patch(temporary, "1").status_code == 409
    assert [api.patch(temporary, wrong).status_code for wrong in (7, None, "")] == [400, 400, 400]
    for body in ({}, {"membership": {"contactId": "2", "groupList": None}}, {"surname": "x"}):
        assert api("PATCH", CONTACTS, body, temporaryContactId=temporary).status_code == 400
    assert api.found(email=ADA)[0]["membership"]["contactId"] is None


@pytest.mark.parametrize("how", ["rotated", "the next day"])
def test_a_temporary_id_is_not_for_keeping(api: Client, standin: StandIn, how: str) -> None:
    standin.act("create_contact", address=ADA)
    old = api.found(email=ADA)[0]["temporaryContactId"]
    if how == "rotated":
        standin.act("rotate_temporary_ids")
    else:
        standin.clock(advance_seconds=86_400)
    new = api.found(email=ADA)[0]["temporaryContactId"]
    assert new != old
    assert [api.patch(name, "1").status_code for name in (old, "rubbish", "MTI=", "bnVsbA==", new)] == [404] * 4 + [204]


def test_delete_may_be_for_one_list_only(api: Client, standin: StandIn) -> None:
    api.post("1", ADA, group="Advocates")
    assert api("DELETE", CONTACTS, contactId="1", groupList="Default List").status_code == 404
    assert api("DELETE", CONTACTS, contactId="1", groupList="No List").status_code == 400
    answer = api("DELETE", CONTACTS, contactId="1", groupList="Advocates")
    assert (answer.status_code, answer.content) == (204, b"")
    assert api("DELETE", CONTACTS, contactId="1").status_code == 404
    standin.switch(second_delete="204")
    assert api("DELETE", CONTACTS, contactId="1").status_code == 204
    assert api.post("1", ADA).status_code == 201


def test_a_contact_is_in_one_list_and_is_moved_by_put(api: Client, standin: StandIn) -> None:
    for number, group in (("1", None), ("2", "Default List"), ("3", "Advocates")):
        assert api.post(number, group=group).status_code == 201
    assert [api.one(number)["membership"]["groupList"] for number in "123"] == [None, None, "Advocates"]
    api.put("1", group="Advocates")
    api("PUT", CONTACTS, {"membership": {"contactId": "3"}}, contactId="3")
    api("PUT", CONTACTS, {"surname": "Example"}, contactId="3")
    assert {each["name"]: each["members"] for each in standin.state()["lists"]} == {"Default List": 1, "Advocates": 2}
    api.put("3")
    moves = [(each["contact_id"], each["from"], each["to"]) for each in standin.state(history=1)["history"][3:]]
    assert moves == [("1", "Default List", "Advocates"), ("3", "Advocates", "Default List")]


def test_an_unknown_list_is_refused_or_by_switch_the_default_one(api: Client, standin: StandIn) -> None:
    api.post("1")
    assert api.post("2", group="Board").status_code == 400
    assert api.put("1", group="advocates").status_code == 400
    standin.switch(unknown_list="default_list")
    assert api.post("2", group="Board").status_code == 201
    assert api.one("2")["membership"]["groupList"] is None
    standin.act("create_list", name="Board")
    api.put("2", group="Board")
    assert api.one("2")["membership"]["groupList"] == "Board"


@pytest.mark.parametrize("email", ["x@fake.example.org", "no address", "a@b", "a..b@example.org"])
def test_bad_addresses_are_refused(api: Client, standin: StandIn, email: str) -> None:
    assert api.post("1", email).status_code == 400
    assert api("POST", "/api/users", {"emailAddress": email}).status_code == 400
    api.post("2", BOB)
    assert api.put("2", email).status_code == 400
    assert [contact["email"] for contact in standin.state()["contacts"]] == [BOB]


@pytest.mark.parametrize(
    "fields",
    [
        {"nickname": "A"},
        {"surname": 7},
        {"GivenNames": "Ada"},
        {"membership": {"contactId": 1}},
        {"membership": {"contactId": "1", "list": "Advocates"}},
        {"membership": None},
        {"customFieldValues": [{"id": 1001, "value": "x"}]},
        {"customFieldValues": [{"id": "1001", "values": ["x"]}]},
        {"isNonDeliverableEmail": "no"},
    ],
)
def test_bodies_are_taken_literally(api: Client, standin: StandIn, fields: dict[str, object]) -> None:
    assert api("POST", CONTACTS, record("1") | fields).status_code == 400
    assert standin.state()["contacts"] == []


def test_what_was_read_may_be_sent_back_and_the_services_own_is_ignored(api: Client, standin: StandIn) -> None:
    api.post("1", ADA, givenNames="Ada")
    standin.act("mark_non_deliverable", email=ADA)
    read = api.one("1")
    assert read["isNonDeliverableEmail"] is True
    assert api("PUT", CONTACTS, read | {"isNonDeliverableEmail": False}, contactId="1").status_code == 204
    assert api.one("1") == read | {"dateUpdated": api.one("1")["dateUpdated"]}
    api.put("1", "ada.new@example.org")
    assert api.one("1")["isNonDeliverableEmail"] is False
