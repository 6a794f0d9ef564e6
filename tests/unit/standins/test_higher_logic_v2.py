"""Version 2 of the Push API, as far as it is known: contacts, lists with their modes, and strictness about moments."""

from __future__ import annotations

from typing import Any

import pytest
from higher_logic_client import CONTACTS, KEY, LISTS, Client, communities, members, taken

from standins import StandIn

provider = pytest.fixture(lambda: "higher_logic")


def contact(key: str, groups: list[dict[str, str]] | None = None, **details: object) -> dict[str, Any]:
    return {"ContactDetails": {"ContactId": key} | details, "Groups": groups or []}


def listed(standin: StandIn) -> dict[str, tuple[str, list[str]]]:
    return {each["id"]: (each["name"], each["contact_ids"]) for each in standin.state()["lists"]}


def test_a_contact_is_replaced_as_a_whole(api: Client, standin: StandIn) -> None:
    since = "2020-02-29T08:00:00.000Z"
    first = contact("1", [{"GroupKey": "c", "GroupName": "Choir", "SinceDate": since}], FirstName="Ada")
    first |= {"PhoneNumbers": [{"Number": "1"}], "Orders": []}
    first["ContactDetails"] |= {
        "PrimaryEmailAddress": "ada@example.org",
        "MemberSince": "2020-01-01T00:00:00.000-05:00",
    }
    assert api(CONTACTS, [first]).json() == taken(1)
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["email"], ada["is_active"]) == ("Ada", "ada@example.org", True)
    assert ada["fields"] == {"MemberSince": "2020-01-01T00:00:00.000-05:00"}
    assert ada["extra"] == {"PhoneNumbers": [{"Number": "1"}]}
    assert (ada["communities"][0]["name"], ada["communities"][0]["since"]) == ("Choir", since)
    api(CONTACTS, [contact("1", LastName="Example")])
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["last_name"], ada["communities"], ada["extra"]) == ("", "Example", [], {})
    assert communities(standin) == {"c": ("Choir", True, 0)}


def test_a_deleted_contact_needs_its_id_only(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact("1"), contact("2")])
    api(LISTS, [{"ListId": "l", "Mode": "Replace", "ContactIds": ["1", "2"]}])
    gone = [{"ContactDetails": {"ContactId": key, "IsDeleted": True}} for key in ("1", "never")]
    assert api(CONTACTS, gone).json() == taken(2)
    assert set(members(standin)) == {"2"}
    assert listed(standin) == {"l": ("l", ["2"])}
    assert standin.state(history=1)["history"][-1]["to"] == "deleted"


def test_a_list_is_replaced_added_to_and_taken_from(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact(str(n)) for n in range(5)])
    for mode, keys in (("Replace", "01"), ("Add", "12"), ("Remove", "09")):
        sent = {"ListId": "l", "ListName": "News", "Mode": mode, "ContactIds": list(keys)}
        assert api(LISTS, [sent]).json() == taken(1)
    assert listed(standin) == {"l": ("News", ["1", "2"])}
    api(LISTS, [{"ListId": "l", "Mode": "Replace", "ContactIds": ["4"]}])
    assert listed(standin) == {"l": ("News", ["4"])}


def test_an_unknown_contact_makes_a_list_bad(api: Client, standin: StandIn) -> None:
    api(CONTACTS, [contact("1")])
    sent = {"ListId": "l", "Mode": "Add", "ContactIds": ["1", "stranger"]}
    assert api(LISTS, [sent]).json()["success"] is False
    assert listed(standin) == {}
    standin.switch(v2_unknown_contact="ignore")
    assert api(LISTS, [sent]).json() == taken(1)
    assert listed(standin) == {"l": ("l", ["1"])}


@pytest.mark.parametrize(
    "bad",
    [
        contact("1", MemberSince="2020-01-01"),
        contact("1", MemberSince="2020-01-01T00:00:00Z"),
        contact("1", MemberSince="2020-01-01T00:00:00.0000000Z"),
        contact("1", MemberSince="2020-02-30T00:00:00.000Z"),
        contact("1", MemberSince=""),
        contact("1", [{"GroupKey": "c", "EndDate": "2020-13-01T00:00:00.000Z"}]),
        contact("1", IsOrganization="True"),
        contact("1", EmailAddress="ada@example.org"),
        contact("1", PrimaryEmailAddress="ada@fake.example.org"),
        {"ContactDetails": {"IsDeleted": True}},
        {"ContactDetails": {"ContactId": "1"}, "Hobbies": []},
    ],
)
def test_a_bad_contact_fails_the_push(api: Client, standin: StandIn, bad: dict[str, Any]) -> None:
    assert api(CONTACTS, [contact("good"), bad]).json()["success"] is False
    assert standin.state()["members"] == []
    standin.switch(bad_item="skips")
    assert api(CONTACTS, [contact("good"), bad]).json() == taken(1)


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
    assert api(LISTS, [bad]).json()["success"] is False
    assert listed(standin) == {}


def test_the_body_is_an_array_of_a_hundred_at_most(api: Client) -> None:
    assert api(CONTACTS, contact("1")).json()["success"] is False
    assert api(CONTACTS, [contact(str(n)) for n in range(101)]).json()["success"] is False
    assert api(CONTACTS, [contact(str(n)) for n in range(100)]).json() == taken(100)


@pytest.mark.parametrize(
    ("content_type", "status"), [("text/json", 200), ("Application/JSON; x=1", 200), ("text/xml", 415)]
)
def test_only_the_two_json_types_are_let_in(api: Client, content_type: str, status: int) -> None:
    answer = api.session.post(api.url + CONTACTS, data=b"[]", headers={"Content-Type": content_type}, timeout=10)
    assert answer.status_code == status


def test_the_key_has_a_header_of_its_own(api: Client, standin: StandIn) -> None:
    assert api(CONTACTS, [], headers={"Key": None}).status_code == 403
    standin.switch(v2_key_header="x-push-key")
    assert api(CONTACTS, []).status_code == 403
    assert api(CONTACTS, [], headers={"x-push-key": KEY}).json() == taken(0)


def test_by_switch_the_tenant_is_named_beside_the_key(api: Client, standin: StandIn) -> None:
    assert api(CONTACTS, [], params={"TenantCode": "standin-tenant"}).status_code == 400
    standin.switch(v2_tenant="header")
    assert api(CONTACTS, []).json()["success"] is False
    assert api(CONTACTS, [], headers={"TenantCode": "standin-tenant"}).json() == taken(0)
    standin.switch(v2_tenant="query")
    assert api(CONTACTS, []).status_code == 400
    assert api(CONTACTS, [], params={"TenantCode": "stranger"}).json()["success"] is False
    assert api(CONTACTS, [], params={"TenantCode": "standin-tenant"}).json() == taken(0)


def test_by_switch_a_success_has_no_body(api: Client, standin: StandIn) -> None:
    standin.switch(v2_answer="empty")
    answer = api(CONTACTS, [contact("1")])
    assert (answer.status_code, answer.content) == (200, b"")
    assert set(members(standin)) == {"1"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CONTACTS, 405), ("POST", "/v2/meeting", 501), ("POST", "/v2/product", 501), ("POST", "/v2/other", 404)],
)
def test_what_is_not_there_or_not_imitated_says_so(api: Client, method: str, path: str, status: int) -> None:
    assert api.session.request(method, api.url + path, json=[], timeout=10).status_code == status
