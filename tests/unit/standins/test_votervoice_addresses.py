"""Addresses and their checksums, custom fields and what the mappings say of them, and users."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from standins.votervoice.state import CUSTOM_FIELDS
from unit.standins.votervoice_client import ADDRESSES, USERS, Client

provider = pytest.fixture(lambda: "votervoice")

PLACE = {"address1": "1 Example  Street", "address2": "Apt 2", "city": "springfield", "state": "il", "zipcode": "62701"}


def test_an_address_is_corrected_and_gets_a_checksum(api: Client, standin: StandIn) -> None:
    answer = api("GET", ADDRESSES, **PLACE)
    assert answer.status_code == 200
    assert (answer.json()["message"], answer.json()["suggestedZipCode"]) == (None, None)
    (address,) = answer.json()["addresses"]
    assert (address["streetAddress"], address["city"], address["state"]) == (
        "1 Example Street, Apt 2",
        "Springfield",
        "IL",
    )
    assert (address["zipCode"], address["country"], len(address["zipCodeExtension"])) == ("62701", "US", 4)
    assert isinstance(address["checksum"], str)
    assert api("GET", ADDRESSES, **PLACE).json() == answer.json()
    assert standin.state()["address_calls"] == 2


def test_the_same_address_has_the_same_sum_and_another_one_another(api: Client, standin: StandIn) -> None:
    first = api.address(**PLACE)
    assert api.address(**PLACE | {"city": "SPRINGFIELD"})["checksum"] == first["checksum"]
    assert api.address(**PLACE | {"address2": "Apt 3"})["checksum"] != first["checksum"]
    standin.switch(checksum_type="number")
    assert api.address(**PLACE)["checksum"] == int(first["checksum"])


@pytest.mark.parametrize(
    "query",
    [
        {"city": "Nowhere"},
        {"city": "nowhere", "simpleLookup": "true"},
        {"city": "", "zipcode": ""},
        {"address1": ""},
        {"zipcode": "6270"},
        {"zipcode": "62701-1234"},
        {"state": "Illinois"},
        {"address1": "", "zipcode": "", "state": "", "simpleLookup": "true"},
        {"zipcode": "K1A 0B1"},
        {"country": "us"},
        {"country": "FR"},
        {"country": "CA"},
    ],
)
def test_a_bad_address_is_told_by_a_message(api: Client, standin: StandIn, query: dict[str, str]) -> None:
    answer = api("GET", ADDRESSES, **PLACE | query)
    assert answer.status_code == 200
    assert answer.json().keys() == {"message"}
    standin.switch(no_address="empty")
    empty = api("GET", ADDRESSES, **PLACE | query).json()
    assert empty == {"addresses": [], "message": answer.json()["message"], "suggestedZipCode": None}


def test_a_wrong_zip_code_may_get_another_suggested(api: Client) -> None:
    answer = api("GET", ADDRESSES, **PLACE | {"zipcode": "00000"}).json()
    assert answer.keys() == {"message", "suggestedZipCode"}
    assert api.address(**PLACE | {"zipcode": answer["suggestedZipCode"]})["zipCode"] == answer["suggestedZipCode"]
    assert api("GET", ADDRESSES, **PLACE | {"zipcode": "00000", "city": ""}).json().keys() == {"message"}


def test_what_else_may_be_asked_for(api: Client) -> None:
    assert api.address(**PLACE | {"zipcode": "", "city": "shelbyville"})["zipCode"].isdigit()
    assert api.address(**PLACE | {"address1": "", "simpleLookup": "true"})["streetAddress"] == "Apt 2"
    assert api.address(**PLACE | {"country": "CA", "zipcode": "K1A 0B1"})["country"] == "CA"
    alone = api.session.get(api.url + ADDRESSES, params=PLACE, timeout=10)
    assert len(alone.json()["addresses"]) == 1
    assert api("GET", ADDRESSES, **PLACE, county="Sangamon").status_code == 400
    assert api("GET", ADDRESSES, **PLACE, simpleLookup="1").status_code == 400


@pytest.mark.parametrize("field", ["homeAddress", "businessAddress"])
@pytest.mark.parametrize("kind", ["string", "number"])
def test_a_contact_takes_a_checked_address_and_shows_no_sum(
    api: Client, standin: StandIn, field: str, kind: str
) -> None:
    standin.switch(checksum_type=kind)
    address = api.address(**PLACE)
    assert api.post("1", **{field: address}).status_code == 201
    shown = {name: value for name, value in address.items() if name not in {"checksum", "coordinates"}}
    assert api.one("1")[field] == shown
    bare = {name: value for name, value in address.items() if name != "coordinates"}
    assert api.put("1", **{field: bare | {"checksum": int(address["checksum"])}}).status_code == 204
    assert api.put("1", **{field: shown}).status_code == 400
    (contact,) = standin.state()["contacts"]
    assert contact["home_address" if field == "homeAddress" else "business_address"] == shown
    assert contact["address_valid"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"checksum": None},
        {"checksum": "0"},
        {"checksum": "rubbish"},
        {"streetAddress": "2 Example Street, Apt 2"},
        {"city": "springfield"},
        {"zipCodeExtension": None},
        {"county": "Other County"},
        {"country": "CA"},
        {"street": "1 Example Street"},
        {"coordinates": [1, 2]},
    ],
)
def test_an_address_that_was_not_checked_is_refused(api: Client, standin: StandIn, change: dict[str, Any]) -> None:
    address = api.address(**PLACE)
    api.post("1", homeAddress=address)
    assert api.post("2", homeAddress=address | change).status_code == 400
    assert api.put("1", businessAddress=address | change).status_code == 400
    assert api("POST", USERS, {"emailAddress": "a@example.org", "homeAddress": address | change}).status_code == 400
    assert standin.state()["counts"] | {"users": 0} == standin.state()["counts"]
    assert [contact["business_address"] for contact in standin.state()["contacts"]] == [None]


def test_an_address_set_by_hand_is_not_checked(api: Client, standin: StandIn) -> None:
    api.post("1", "ada@example.org", businessAddress=api.address())
    by_hand = {"streetAddress": "x", "city": "y", "state": "z", "zipCode": "1"}
    standin.act("edit_contact", email="ada@example.org", home_address=by_hand)
    assert standin.state()["contacts"][0]["address_valid"] is False
    assert api.put("1", "ada@example.org", homeAddress=api.one("1")["homeAddress"]).status_code == 400
    assert api.put("1", "ada@example.org").status_code == 204
    assert standin.state()["contacts"][0]["address_valid"] is None


def test_an_unchecked_address_stays_unchecked_until_it_is_replaced(api: Client, standin: StandIn) -> None:
    standin.switch(put_omitted="kept")
    api.post("1", "ada@example.org")
    by_hand = {"streetAddress": "x", "city": "y", "state": "z", "zipCode": "1"}
    standin.act("edit_contact", email="ada@example.org", home_address=by_hand)
    found = []
    for fields in ({}, {"businessAddress": api.address()}, {"homeAddress": api.address()}):
        api.put("1", "ada@example.org", **fields)
        found.append(standin.state()["contacts"][0]["address_valid"])
    assert found == [False, False, True]


def test_custom_fields_have_types(api: Client, standin: StandIn) -> None:
    good = {"1001": "Full", "1002": "01/31/2026", "1003": "23.75", "1004": False, "1005": ["Taxes", "Trade"]}
    values = [{"id": field_id, "value": value} for field_id, value in good.items()]
    assert good.keys() == CUSTOM_FIELDS.keys()
    assert api.post("1", customFieldValues=values).status_code == 201
    assert api.one("1")["customFieldValues"] == values
    assert standin.state()["contacts"][0]["custom_fields"] == good
    api.put("1", customFieldValues=None)
    assert "customFieldValues" not in api.one("1")


@pytest.mark.parametrize(
    ("field_id", "value"),
    [
        ("9999", "x"),
        ("1001", True),
        ("1001", ["x"]),
        ("1002", "2026-01-31"),
        ("1002", "02/30/2026"),
        ("1002", "1/31/2026"),
        ("1003", "many"),
        ("1003", 7),
        ("1004", "true"),
        ("1005", "Taxes"),
        ("1005", ["Music"]),
        ("1001", None),
    ],
)
def test_a_custom_value_of_another_type_is_refused(api: Client, standin: StandIn, field_id: str, value: object) -> None:
    sent = [{"id": field_id, "value": value}]
    assert api.post("1", customFieldValues=sent).status_code == 400
    assert api.post("1", customFieldValues=[{"id": "1001", "value": "x"}] * 2).status_code == 400
    assert standin.state()["contacts"] == []


def test_the_mappings_name_lists_and_custom_fields(api: Client, standin: StandIn) -> None:
    standin.act("create_list", name="Board")
    standin.act("create_list", name="Supporters", is_mapped=False)
    assert api.post("1", group="Supporters").status_code == 201
    found = api("GET", "/api/contacts/mappings").json()
    assert [each["groupList"] for each in found] == ["Default List", "Advocates", "Board"], "not the unmapped one"
    assert [each["customFieldId"] for each in found[0]["customFields"]] == [*CUSTOM_FIELDS]
    assert {"voterVoiceFieldName": "ContactID", "remoteFieldName": "Contact ID"} in found[0]["standardFields"]
    same = {"remoteSource": "Upload Tool", "direction": "Inbound"}
    assert api("GET", "/api/contacts/mappings", **same).json() == found
    assert api("GET", "/api/contacts/mappings", remoteSource="Salesforce").json() == []
    assert api("GET", "/api/contacts/mappings", remoteSource="Other").status_code == 400


@pytest.mark.parametrize("path", [USERS, USERS + "/"])
def test_a_user_is_updated_unless_it_seems_to_be_somebody_else(api: Client, standin: StandIn, path: str) -> None:
    body: dict[str, Any] = {"emailAddress": "ada@example.org", "givenNames": "Ada", "surname": "Example"}
    body |= {"homeAddress": api.address(), "customFieldValues": [{"id": "1001", "values": ["Full"]}]}
    created = api("POST", path, body)
    assert (created.status_code, set(created.json())) == (200, {"userId", "userToken"})
    again = {"emailAddress": "ADA@example.org", "givenNames": "ada", "surname": "EXAMPLE", "phoneNumber": "1"}
    assert api("POST", path, again).json() == created.json()
    assert api("POST", path, body | {"surname": "Other"}).status_code == 409
    assert api("POST", path, body | {"emailAddress": "bob@example.org"}).json()["userId"] == 2
    assert api("POST", path, {"surname": "Nobody"}).status_code == 400
    assert standin.state(counts=1)["counts"]["users"] == 2
