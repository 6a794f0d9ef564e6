"""Whom VoterVoice is to hold, and what its records say of them, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.providers.votervoice import wire
from crm_sync.providers.votervoice.mapping import fields, lists, record, remarks, wanted
from unit.providers.member_rows import contacts

ACME = {"organization_id": 9, "name": "Acme", "title": "Director", "is_primary": True}


def person(**said: Any) -> dict[str, Any]:
    """The record of one contact."""
    return dict(json.loads(record(contacts({"contact_id": 7, **said})).iloc[0]))


def test_the_flat_fields_are_those_that_are_measured() -> None:
    assert set(providers.get("votervoice").field_bytes) <= set(fields(contacts({"contact_id": 1})).columns)


@pytest.mark.parametrize("kind", ["individual", "organization"])
@pytest.mark.parametrize(
    ("statuses", "is_wanted"),
    [
        (["active"], True),
        (["courtesy"], True),
        (["courtesy", "dropped"], True),
        (["dropped", "prospective"], False),
        ([], False),
    ],
)
def test_active_and_courtesy_members_are_wanted_in_lists_or_not(
    kind: str, statuses: list[str], is_wanted: bool
) -> None:
    rows = contacts(*[{"contact_id": 1, "kind": kind, "statuses": statuses, "lists": each} for each in ([], [5])])
    assert wanted(rows).tolist() == [is_wanted] * 2
    assert lists(rows).tolist() == ["{}", "{}"]
    assert remarks(rows).empty


def test_a_record_has_the_details_of_a_person_and_the_address_to_be_checked() -> None:
    made = person(
        first_name="Ann", last_name="Lee", job_title="Clerk", organization_name="Elsewhere", address="ann@example.org",
        phone="555", address_line1="1 Road", address_line2="Flat 2", city="Town", state="DC", postal_code="20500",
        country="us", lists=[5],
    )  # fmt: skip
    home = {
        "address1": "1 Road",
        "address2": "Flat 2",
        "city": "Town",
        "state": "DC",
        "zipcode": "20500",
        "country": "US",
    }
    assert made == {
        "membership": {"contactId": "7"}, "givenNames": "Ann", "surname": "Lee", "emailAddress": "ann@example.org",
        "phoneNumber": "555", "businessCompanyName": "Elsewhere", "businessPositionName": "Clerk", "homeAddress": home,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ({"postal_code": "20500-0003"}, {"zipcode": "20500"}),
        ({"postal_code": "02134-12", "state": "MA"}, {"zipcode": "02134-12"}),
        ({"postal_code": "2134", "state": "Massachusetts"}, {"zipcode": "02134", "state": "MA"}),
        ({"postal_code": "2134", "state": "IL"}, {"zipcode": "2134"}),
        ({"postal_code": "k1a 0b1", "state": "Ontario"}, {"zipcode": "K1A 0B1", "state": "ON", "country": "CA"}),
        ({"postal_code": "75001", "country": "FR", "state": ""}, {"zipcode": "75001", "country": "FR"}),
        ({"state": "D.C."}, {"state": "DC"}),
        ({"state": "district  of columbia"}, {"state": "DC"}),
        ({"state": "Atlantis"}, {"state": "Atlantis"}),
        ({"country": "United States of America"}, {"country": "US"}),
    ],
)
def test_an_address_is_in_the_words_of_the_check(written: dict[str, Any], asked: dict[str, str]) -> None:
    home = person(address_line1="1 Road", **written)["homeAddress"]
    assert {name: home[name] for name in asked} == asked


def test_what_is_not_known_is_null() -> None:
    made = person(country="US")
    assert made.pop("membership") == {"contactId": "7"}
    assert len(made) == 7
    assert set(made.values()) == {None}


def test_company_and_position_are_those_of_the_first_organization() -> None:
    made = person(organization_name="Elsewhere", job_title="Clerk", organizations=[ACME])
    assert (made["businessCompanyName"], made["businessPositionName"]) == ("Acme", "Director")


def test_an_organization_has_its_name_as_company() -> None:
    made = person(kind="organization", organization_name="Acme", first_name="x", address="office@example.org")
    assert (made["businessCompanyName"], made["givenNames"], made["emailAddress"]) == (
        "Acme",
        None,
        "office@example.org",
    )


def test_an_address_in_other_capitals_is_the_same_address() -> None:
    one, other = wire.Address("1 Main St", "", "Town", "DC"), wire.Address("1 MAIN ST", "", "town", "dc")
    assert one.key() == other.key() != wire.Address("2 Main St", "", "Town", "DC").key()
