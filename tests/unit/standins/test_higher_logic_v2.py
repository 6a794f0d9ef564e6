"""Version 2 of the Push API, as far as it is known: contacts, lists with their modes, and strictness about moments; and
a record as a real client sends it."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.higher_logic_client import CONTACTS, KEY, LISTS, Client, communities, members, taken

provider = pytest.fixture(lambda: "higher_logic")


def contact(key: str, groups: list[dict[str, Any]] | None = None, **details: object) -> dict[str, Any]:
    return {"ContactDetails": {"ContactId": key} | details, "Groups": groups or []}


PHONE = {"FormattedNumber": "202-555-0143", "PhoneType": "Main Phone", "IsPreferred": True}


# seen: tendenci 16.30, apps/higher_logic/utils.py, push_user_info and remove_user.
JOINED, ENDS = "2026-01-01T05:00:00.000Z", "2027-01-01T05:00:00.000Z"
OF_TENDENCI = {
    "ContactDetails": {
        "ContactId": "10001", "FirstName": "Ada", "LastName": "Example", "PrimaryEmailAddress": "ada@example.org",
        "Gender": "", "Prefix": "Dr.", "OrganizationName": "Example Works", "Title": "Clerk", "DoNotEmail": True,
        "IsMember": True, "IsOrganization": False, "WebsiteURL": "", "ProfileImageURL": "", "FacebookURL": "",
        "TwitterURL": "", "LinkedinURL": "", "IsDeleted": False, "Birthday": "1990-02-28T05:00:00.000Z",
    },
    "Groups": [
        {"GroupId": "members", "GroupName": "Members", "GroupType": "Membership", "Role": "",
         "InitialJoinDate": JOINED, "BeginDate": JOINED, "EndDate": ENDS},
        {"GroupId": "staff", "GroupName": "Staff", "GroupType": "Membership", "Role": ""},
        {"GroupId": "committee-3", "GroupName": "Board", "GroupType": "Committee", "Role": "Chair"},
        {"GroupId": "event-9", "GroupName": "Meeting", "GroupType": "Event", "Role": ""},
    ],
    "Addresses": [
        {"AddressLine1": "1 Road", "AddressLine2": "", "City": "Town", "StateProvince": "DC",
         "PostalCode": "20500", "CountryCode": "US", "AddressType": "Main", "DoNotPublish": False,
         "IsBill": False, "IsPrimary": True},
    ],
    "PhoneNumbers": [PHONE | {"DoNotPublish": True}],
    "EmailAddresses": [
        {"EmailAddress": "ada@example.org", "EmailType": "Primary Email", "IsPreferred": True,
         "DoNotPublish": False},
        {"EmailAddress": "ada2@example.org", "EmailType": "Secondary Email", "DoNotPublish": False},
    ],
}  # fmt: skip


def group(key: str, name: str, since: str, kind: str = "Committee") -> dict[str, Any]:
    return {"GroupId": key, "GroupName": name, "GroupType": kind, "Role": "", "InitialJoinDate": since}


def listed(standin: StandIn) -> dict[str, tuple[str, list[str]]]:
    return {each["id"]: (each["name"], each["contact_ids"]) for each in standin.state()["lists"]}


def test_a_contact_is_replaced_as_a_whole(api: Client, standin: StandIn) -> None:
    since = "2020-02-29T08:00:00.000Z"
    first = contact("1", [group("c", "Choir", since), group("m", "Full", since, "Membership")], FirstName="Ada")
    first |= {"PhoneNumbers": [PHONE], "Orders": []}
    first["ContactDetails"] |= {
        "PrimaryEmailAddress": "ada@example.org",
        "MemberSince": "2020-01-01T00:00:00.000-05:00",
        "IsMember": True,
    }
    assert api(CONTACTS, [first]).status_code == 200
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["email"], ada["is_active"]) == ("Ada", "ada@example.org", True)
    assert ada["fields"] == {"MemberSince": "2020-01-01T00:00:00.000-05:00"}
    assert ada["extra"] == {"PhoneNumbers": [PHONE]}
    assert [place["key"] for place in ada["security_groups"]] == ["m"]
    assert (ada["communities"][0]["name"], ada["communities"][0]["since"]) == ("Choir", since)
    api(CONTACTS, [contact("1", LastName="Example")])
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["last_name"], ada["is_active"]) == ("", "Example", False)
    assert (ada["communities"], ada["security_groups"], ada["extra"]) == ([], [], {})
    assert communities(standin) == {"c": ("Choir", True, 0)}


def test_a_deleted_contact_needs_its_id_only(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact("1"), contact("2")])
    api(LISTS, [{"ListId": "l", "Mode": "Replace", "ContactIds": ["1", "2"]}])
    gone = [{"ContactDetails": {"ContactId": key, "IsDeleted": True}} for key in ("1", "never")]
    assert api(CONTACTS, gone).status_code == 200
    assert set(members(standin)) == {"2"}
    assert listed(standin) == {"l": ("l", ["2"])}
    assert standin.state(history=1)["history"][-1]["to"] == "deleted"


def test_a_list_is_replaced_added_to_and_taken_from(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact(str(n)) for n in range(5)])
    for mode, keys in (("Replace", "01"), ("Add", "12"), ("Remove", "09")):
        sent = {"ListId": "l", "ListName": "News", "Mode": mode, "ContactIds": list(keys)}
        assert api(LISTS, [sent]).status_code == 200
    assert listed(standin) == {"l": ("News", ["1", "2"])}
    api(LISTS, [{"ListId": "l", "Mode": "Replace", "ContactIds": ["4"]}])
    assert listed(standin) == {"l": ("News", ["4"])}


def test_an_unknown_contact_makes_a_list_bad(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact("1")])
    sent = {"ListId": "l", "Mode": "Add", "ContactIds": ["1", "stranger"]}
    assert api(LISTS, [sent]).status_code == 400
    assert listed(standin) == {}
    standin.switch(v2_unknown_contact="ignore")
    assert api(LISTS, [sent]).status_code == 200
    assert listed(standin) == {"l": ("l", ["1"])}


@pytest.mark.parametrize(
    "bad",
    [
        contact("1", MemberSince="2020-01-01"),
        contact("1", MemberSince="2020-01-01T00:00:00Z"),
        contact("1", MemberSince="2020-01-01T00:00:00.0000000Z"),
        contact("1", MemberSince="2020-02-30T00:00:00.000Z"),
        contact("1", MemberSince=""),
        contact("1", [{"GroupId": "c", "GroupType": "Committee", "EndDate": "2020-13-01T00:00:00.000Z"}]),
        contact("1", [{"GroupId": "c"}]),
        contact("1", [{"GroupKey": "c", "GroupType": "Committee"}]),
        contact("1") | {"Addresses": [{"AddressType": "Main", "CountryCode": "USA"}]},
        contact("1") | {"PhoneNumbers": [{"FormattedNumber": "202-555-0143"}]},
        contact("1") | {"EmailAddresses": [{"EmailAddress": "ada@fake.example.org", "EmailType": "Primary Email"}]},
        contact("1", IsOrganization="True"),
        contact("1", EmailAddress="ada@example.org"),
        contact("1", PrimaryEmailAddress="ada@fake.example.org"),
        {"ContactDetails": {"IsDeleted": True}},
        {"ContactDetails": {"ContactId": "1"}, "Hobbies": []},
    ],
)
def test_a_bad_contact_fails_the_push(api: Client, standin: StandIn, bad: dict[str, Any]) -> None:
    assert api(CONTACTS, [contact("good"), bad]).status_code == 400
    assert standin.state()["members"] == []
    standin.switch(bad_item="skips")
    assert api(CONTACTS, [contact("good"), bad]).status_code == 200


@pytest.mark.parametrize(
    "bad",
    [
        {"ListId": "l", "Mode": "Merge", "ContactIds": []},
        {"ListId": "l", "ContactIds": []},
        {"ListId": "l", "Mode": "Add"},
        {"Mode": "Add", "ContactIds": []},
        {"ListId": "l", "Mode": "Add", "ContactIds": [1]},
    ],
)
def test_a_bad_list_fails_the_push(api: Client, standin: StandIn, bad: dict[str, Any]) -> None:
    assert api(LISTS, [bad]).status_code == 400
    assert listed(standin) == {}


def test_the_body_is_an_array_of_a_hundred_at_most(api: Client) -> None:
    assert api(CONTACTS, contact("1")).status_code == 400
    assert api(CONTACTS, [contact(str(n)) for n in range(101)]).status_code == 400
    assert api(CONTACTS, [contact(str(n)) for n in range(100)]).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"), [("text/json", 200), ("Application/JSON; x=1", 200), ("text/xml", 415)]
)
def test_only_the_two_json_types_are_let_in(api: Client, content_type: str, status: int) -> None:
    answer = api.session.post(api.url + CONTACTS, data=b"[]", headers={"Content-Type": content_type}, timeout=10)
    assert answer.status_code == status


def test_the_key_has_a_header_of_its_own(api: Client) -> None:
    assert api(CONTACTS, [], headers={"ApiKey": None}).status_code == 403
    assert api(CONTACTS, [], headers={"ApiKey": KEY}).status_code == 200


def test_nothing_of_the_request_names_a_tenant(api: Client) -> None:
    assert api(CONTACTS, [], params={"TenantCode": "standin-tenant"}).status_code == 400


def test_by_switch_an_answer_has_a_body_as_in_version_1(api: Client, standin: StandIn) -> None:
    bad = contact("1", PrimaryEmailAddress="ada@fake.example.org")
    assert (api(CONTACTS, [contact("1")]).content, api(CONTACTS, [bad]).headers["Content-Type"]) == (
        b"",
        "text/plain; charset=utf-8",
    )
    standin.switch(v2_answer="like_v1", v2_failure_status="500")
    assert api(CONTACTS, [contact("1")]).json() == taken(1)
    answer = api(CONTACTS, [bad])
    assert (answer.status_code, answer.json()["success"]) == (500, False)


def test_a_community_is_hidden_where_its_type_is_set_up(api: Client, standin: StandIn) -> None:
    standin.switch(community_types=["Committee"])
    since = "2020-02-29T08:00:00.000Z"
    api(CONTACTS, [contact("1", [group("c", "Choir", since), group("l", "News", since, "List")])])
    assert communities(standin) == {"c": ("Choir", True, 1), "l": ("News", False, 1)}


def test_a_record_of_the_shape_that_tendenci_sends_is_taken(api: Client, standin: StandIn) -> None:
    assert api(CONTACTS, [OF_TENDENCI]).status_code == 200
    ada = members(standin)["10001"]
    assert {place["key"] for place in ada["security_groups"]} == {"members", "staff"}
    assert {place["name"]: place["role"] for place in ada["communities"]} == {"Board": "Chair", "Meeting": ""}
    gone = {"ContactDetails": {"ContactId": "10001", "IsDeleted": True}}
    assert api(CONTACTS, [gone]).status_code == 200
    assert members(standin) == {}
    assert api(CONTACTS, [OF_TENDENCI]).status_code == 200
    assert set(members(standin)) == {"10001"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CONTACTS, 405), ("POST", "/v2/meeting", 501), ("POST", "/v2/product", 501), ("POST", "/v2/other", 404)],
)
def test_what_is_not_there_or_not_imitated_says_so(api: Client, method: str, path: str, status: int) -> None:
    assert api.session.request(method, api.url + path, json=[], timeout=10).status_code == status
