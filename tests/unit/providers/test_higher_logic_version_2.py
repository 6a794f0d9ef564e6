"""Version 2 of the Push API: what its records say, what its answers mean, and who leaves."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError, DisconnectedError, TransientError
from crm_sync.ledger.client_state import ClientState
from crm_sync.operations import Operation
from crm_sync.providers.higher_logic.client import Client
from local.verbs import told
from local.world import QUICK, facts
from standins import StandIn
from unit.providers.member_rows import batch, contacts, membership

SHEET = providers.get("higher_logic")
TOLD = facts("higher_logic")
NEWS = {"list_id": 5, "name": "News", "kind": "list", "role": None, "since": "2024-02-01"}
BOARD = {"list_id": 3, "name": "Board", "kind": "committee", "role": "Chair", "since": None}
FAKE = "person@fake.example.org"

provider = pytest.fixture(lambda: "higher_logic")


def records(*rows: dict[str, Any], **choices: Any) -> list[str]:
    return SHEET.as_connected({"push_api": "2", **choices}).records(contacts(*rows)).tolist()


def contact(choices: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    (made,) = records({"contact_id": 7, **said}, **(choices or {}))
    return dict(json.loads(made))


def connected(standin: StandIn, **extras: Any) -> Client:
    credentials = Credentials(TOLD.KEY, extras={**TOLD.EXTRAS, "base_url": standin.url + TOLD.API_PATH, **extras})
    client = SHEET.connect(credentials, QUICK, cast("ClientState", None))
    assert isinstance(client, Client)
    return client


def people(*addresses: str, **said: Any) -> dict[str, str]:
    """A record for each address, of active members 1 and so on, all in News; ``said`` goes for all."""
    rows = [
        {"contact_id": number, "first_name": "Ann", "address": address, "list_memberships": [NEWS], **said}
        for number, address in enumerate(addresses, start=1)
    ]
    return dict(zip(map(str, range(1, len(rows) + 1)), records(*rows), strict=True))


def held(standin: StandIn) -> dict[str, Any]:
    return {each["key"]: each for each in standin.state()["members"]}


# -- what a record says


def test_a_contact_has_all_that_is_known_of_a_person() -> None:
    made = contact(
        first_name="Ann", last_name="Lee", job_title="Clerk", organization_name="Elsewhere", address="ann@example.org",
        phone="(202) 555-0143", website="example.org", address_line1="1 Road", city="Town", state="DC",
        postal_code="20500", country="U.S.A.", statuses=["active"], do_not_contact=True,
        memberships=[membership(1, since="2020-01-01", until="2030-12-31"), membership(2, "dropped")],
        list_memberships=[NEWS, BOARD],
    )  # fmt: skip
    assert made == {
        "ContactDetails": {
            "ContactId": "7", "FirstName": "Ann", "LastName": "Lee", "Title": "Clerk", "OrganizationName": "Elsewhere",
            "PrimaryEmailAddress": "ann@example.org", "WebsiteURL": "example.org",
            "MemberSince": "2020-01-01T00:00:00.000Z", "MemberExpiresOn": "2030-12-31T23:59:59.999Z",
            "IsMember": True, "IsOrganization": False, "IsDeleted": False,
        },
        "Groups": [
            {"GroupId": "membership-type-1", "GroupName": "Type 1", "GroupType": "Membership", "Role": "",
             "InitialJoinDate": "2020-01-01T00:00:00.000Z", "BeginDate": "2020-01-01T00:00:00.000Z",
             "EndDate": "2030-12-31T23:59:59.999Z"},
            {"GroupId": "list-3", "GroupName": "Board", "GroupType": "Committee", "Role": "Chair"},
            {"GroupId": "list-5", "GroupName": "News", "GroupType": "List", "Role": "",
             "InitialJoinDate": "2024-02-01T00:00:00.000Z"},
        ],
        "Addresses": [
            {"AddressLine1": "1 Road", "AddressLine2": "", "City": "Town", "StateProvince": "DC",
             "PostalCode": "20500", "CountryCode": "US", "AddressType": "Main", "IsPrimary": True},
        ],
        "PhoneNumbers": [{"FormattedNumber": "202-555-0143", "PhoneType": "Main Phone", "IsPreferred": True}],
        "EmailAddresses": [{"EmailAddress": "ann@example.org", "EmailType": "Primary Email", "IsPreferred": True}],
    }  # fmt: skip


def test_of_whom_little_is_known_all_is_sent_all_the_same() -> None:
    made = contact()
    assert [made[each] for each in ("Groups", "Addresses", "PhoneNumbers", "EmailAddresses")] == [[], [], [], []]
    assert {"MemberSince", "MemberExpiresOn"}.isdisjoint(made["ContactDetails"])
    assert made["ContactDetails"]["IsMember"] is False


def test_an_organization_has_its_name_and_no_community() -> None:
    made = contact(kind="organization", organization_name="Acme", first_name="x", list_memberships=[NEWS])
    details = made["ContactDetails"]
    assert (details["IsOrganization"], details["OrganizationName"], details["FirstName"]) == (True, "Acme", "")
    assert made["Groups"] == []


@pytest.mark.parametrize(
    ("choices", "said", "expected"),
    [
        ({}, {"do_not_contact": True}, None),
        ({"do_not_email": True}, {"do_not_contact": True}, True),
        ({"do_not_email": True}, {"lists": [5], "flagged_lists": [5]}, True),
        ({"do_not_email": True}, {"lists": [5]}, False),
    ],
)
def test_do_not_contact_is_said_only_where_the_connection_asks_for_it(
    choices: dict[str, Any], said: dict[str, Any], expected: bool | None
) -> None:
    assert contact(choices, **said)["ContactDetails"].get("DoNotEmail") is expected


def test_a_country_that_nobody_knows_is_left_out() -> None:
    (address,) = contact(city="Town", country="Elbonia")["Addresses"]
    assert (address["City"], address["CountryCode"]) == ("Town", "")


@pytest.mark.parametrize("odd", ["infinity", "-infinity", "0044-03-15 BC", "12024-01-01"])
def test_a_day_that_no_service_can_read_is_none(odd: str) -> None:
    said = contact(memberships=[membership(3, since=odd, until=odd)], list_memberships=[{**NEWS, "since": odd}])
    assert {"MemberSince", "MemberExpiresOn"}.isdisjoint(said["ContactDetails"])
    assert all(not {"InitialJoinDate", "BeginDate", "EndDate"} & group.keys() for group in said["Groups"])


# -- which version


@pytest.mark.parametrize(("said", "number"), [({}, "1"), ({"push_api": "1"}, "1"), ({"push_api": 2}, "2")])
def test_a_connection_that_says_nothing_has_version_1(said: dict[str, Any], number: str) -> None:
    client = SHEET.connect(Credentials("key", extras={"tenant_code": "site", **said}), QUICK, cast("ClientState", None))
    assert isinstance(client, Client)
    assert client._version.number == number
    assert SHEET.as_connected(said).chosen == ({} if number == "1" else {"push_api": "2"})


def test_a_version_that_is_not_known_names_those_that_are() -> None:
    with pytest.raises(ConfigError, match="push_api must be 1 or 2"):
        SHEET.connect(Credentials("key", extras={"push_api": "3"}), QUICK, cast("ClientState", None))


def test_version_2_needs_no_tenant_code_and_version_1_does(standin: StandIn) -> None:
    assert connected(standin, tenant_code="").account()["organization"]
    with pytest.raises(DisconnectedError, match="tenant_code"):
        connected(standin, tenant_code="", push_api="1")


@pytest.mark.parametrize(
    ("extras", "identity"),
    [
        ({}, ""),
        ({"tenant_code": "Site"}, "site"),
        ({"base_url": "https://datapushapi.onlinecommunity.ca/v2"}, "datapushapi.onlinecommunity.ca/"),
        ({"base_url": "https://DataPushApi.HigherLogic.com/v2/", "tenant_code": "Site"}, "site"),
    ],
)
def test_the_site_is_named_by_its_tenant_code_and_by_another_host(extras: dict[str, str], identity: str) -> None:
    credentials = Credentials("key", extras={"push_api": "2", **extras})
    assert SHEET.connect(credentials, QUICK, cast("ClientState", None)).identity() == identity


# -- what an answer means


@pytest.mark.parametrize("answer", ["empty", "like_v1"])
@pytest.mark.parametrize("bad", [[0], [3, 4], [0, 2, 6], list(range(7))])
def test_a_push_that_is_refused_is_halved_until_the_bad_records_stand_alone(
    answer: str, bad: list[int], standin: StandIn
) -> None:
    standin.switch(v2_answer=answer)
    asked = batch("create", people(*(FAKE if place in bad else f"p{place}@example.org" for place in range(7))))
    said = told(connected(standin).create(asked))
    assert said == [("refused", "record_refused") if place in bad else ("applied", "") for place in range(7)]
    assert set(held(standin)) == {str(place + 1) for place in range(7) if place not in bad}


def test_a_push_answered_500_may_be_tried_again(standin: StandIn) -> None:
    standin.switch(v2_failure_status="500")
    with pytest.raises(TransientError, match="500"):
        connected(standin).create(batch("create", people("a@example.org", FAKE)))


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_nothing_but_200_is_a_success(status: int, standin: StandIn) -> None:
    standin.fault("raw", status=status, headers={"Content-Type": "application/json"}, body="")
    with pytest.raises(ContractError, match=str(status)):
        connected(standin).create(batch("create", people("a@example.org")))


@pytest.mark.parametrize(("status", "error"), [(404, ConfigError), (405, ContractError), (415, ContractError)])
def test_what_is_no_fault_of_a_record_refuses_none(status: int, error: type[Exception], standin: StandIn) -> None:
    standin.fault("raw", status=status, headers={"Content-Type": "application/json"}, body="")
    with pytest.raises(error):
        connected(standin).create(batch("create", people("a@example.org", "b@example.org")))
    assert standin.requests()["total"] == 1


def test_an_account_that_refuses_everybody_is_no_hundred_refusals_after_another(standin: StandIn) -> None:
    client = connected(standin)
    with pytest.raises(ConfigError, match="version 2 of the Push API"):
        client.create(batch("create", people(*[FAKE] * 100)))
    assert held(standin) == {}


def test_the_account_is_asked_without_a_word_about_people(standin: StandIn) -> None:
    standin.keep_bodies()
    assert connected(standin).account()["organization"] == "standin-tenant"
    (sent,) = standin.requests()["requests"]
    assert json.loads(sent["body"]) == []
    standin.fault("status", status=400)
    assert connected(standin).account()["organization"], "the key is known, whatever a push of nobody is worth"


# -- who leaves


def leaver(fields: str, cause: str = "not_eligible") -> list[Operation]:
    return [Operation(1, "archive", "1", fields=fields, cause=cause)]


def test_who_is_held_no_more_has_no_group_and_is_no_member(standin: StandIn) -> None:
    client, known = connected(standin), people("a@example.org", memberships=[membership(3)], phone="202-555-0143")
    client.create(batch("create", known))
    before = held(standin)["1"]
    assert (before["is_active"], [each["name"] for each in before["communities"]]) == (True, ["News"])
    assert [each["key"] for each in before["security_groups"]] == ["membership-type-3"]
    assert told(client.archive(leaver(known["1"]))) == [("applied", "")]
    after = held(standin)["1"]
    assert (after["is_active"], after["is_member"], after["communities"], after["security_groups"]) == (
        False,
        False,
        [],
        [],
    )
    assert (after["first_name"], after["email"], after["extra"]) == ("Ann", "a@example.org", before["extra"])


@pytest.mark.parametrize("fields", ["", people(FAKE)["1"]])
def test_of_whom_nothing_good_is_known_the_key_goes_alone(fields: str, standin: StandIn) -> None:
    assert told(connected(standin).archive(leaver(fields))) == [("applied", "")]
    assert (held(standin)["1"]["is_member"], held(standin)["1"]["first_name"]) == (False, "")


@pytest.mark.parametrize(
    ("extras", "cause", "is_there"),
    [
        ({}, "gone_from_crm", True),
        ({"delete_gone": True}, "gone_from_crm", False),
        ({"delete_gone": True}, "not_eligible", True),
        ({"delete_gone": True}, "in_no_list", True),
    ],
)
def test_only_who_is_gone_is_deleted_and_only_where_the_connection_asks_for_it(
    extras: dict[str, Any], cause: str, is_there: bool, standin: StandIn
) -> None:
    client, known = connected(standin, **extras), people("a@example.org")
    client.create(batch("create", known))
    client.archive(leaver(known["1"], cause))
    assert ("1" in held(standin)) is is_there
    client.enable(batch("enable", known))
    assert "1" in held(standin), "who comes back is not deleted any more"


@pytest.mark.parametrize(("before", "now"), [("1", "2"), ("2", "1")])
def test_a_record_of_the_other_version_keeps_its_names(before: str, now: str, standin: StandIn) -> None:
    row = {"contact_id": 1, "first_name": "Ann", "address": "a@example.org", "organization_name": "Acme"}
    (kept,) = SHEET.as_connected({"push_api": before}).records(contacts(row))
    path = facts("higher_logic:v1" if now == "1" else "higher_logic").API_PATH
    client = connected(standin, push_api=now, base_url=standin.url + path)
    assert told(client.archive(leaver(kept))) == [("applied", "")]
    there = held(standin)["1"]
    assert (there["first_name"], there["email"], there["company"]) == ("Ann", "a@example.org", "Acme")
    assert (there["is_active"], there["is_member"]) == (False, False)
