"""What version 1 refuses, and what becomes of the items beside a bad one: each choice of the switches."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.higher_logic_client import KEY, MEMBERS, TENANT, Client, group, item, members, taken

provider = pytest.fixture(lambda: "higher_logic")

LONG = "x" * 101
BAD: dict[str, Any] = {
    "no key": {"MemberDetails": {"FirstName": "Ada"}},
    "blank key": item(" "),
    "key of another type": {"MemberDetails": {"LegacyContactKey": 1}},
    "no details": {"CommunityGroups": []},
    "unknown field": item("1", Nickname="A"),
    "unknown part": item("1") | {"Hobbies": []},
    "text for a flag": item("1", IsActive="yes"),
    "number for a flag": item("1", IsActive=1),
    "lower case flag": item("1", IsActive="true"),
    "null": item("1", FirstName=None),
    "number for a text": item("1", FirstName=7),
    "day of another form": item("1", MemberSince="01/31/2026"),
    "day with time": item("1", Birthday="2026-01-31T00:00:00"),
    "day that is in no calendar": item("1", MemberExpiresOn="2026-02-30"),
    "address that is none": item("1", EmailAddress="ada"),
    "address with two dots": item("1", EmailAddress="a..b@example.org"),
    "fake address": item("1", EmailAddress="ada@fake.example.org"),
    "long first name": item("1", FirstName=LONG),
    "long company": item("1", CompanyName=LONG),
    "own parent": item("1", ParentMemberKey="1"),
    "group without key": item("1", [{"GroupName": "Choir"}]),
    "long group name": item("1", [group("c", LONG)]),
    "unknown field of a group": item("1", [group("c", "Choir", Colour="blue")]),
    "bad day of a group": item("1", [group("c", "Choir", EndDate="2026-13-01")]),
    "sub-type of a security group": item("1") | {"SecurityGroups": [group("c", "Choir", GroupSubType="x")]},
    "bad day of a job": item("1") | {"JobHistory": [{"StartDate": "2026-02-30"}]},
    "unknown field of a demographic": item("1") | {"Demographics": [{"Key": "x"}]},
    "wrong type in an education": item("1") | {"Education": [{"DegreeYear": 1.5}]},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_one_bad_item_fails_the_whole_push(api: Client, standin: StandIn, bad: dict[str, Any]) -> None:
    answer = api.push(item("good"), bad, item("better"))
    assert answer.status_code == 200
    assert answer.json() == {
        "success": False,
        "count": 0,
        "errorMessage": "The request could not be processed: invalid member data.",
    }
    assert standin.state(history=1)["history"] == []
    assert standin.state()["members"] == []
    assert standin.state()["communities"] == []


@pytest.mark.parametrize("bad", [BAD["no key"], BAD["fake address"], BAD["bad day of a group"]])
def test_by_switch_a_bad_item_is_skipped_in_silence(api: Client, standin: StandIn, bad: dict[str, Any]) -> None:
    standin.switch(bad_item="skips")
    assert api.push(item("good"), bad, item("better")).json() == taken(2)
    assert set(members(standin)) == {"good", "better"}


@pytest.mark.parametrize("value", [400, "400"])
def test_by_switch_a_failure_has_a_status_of_its_own(api: Client, standin: StandIn, value: object) -> None:
    standin.switch(failure_status=value)
    answer = api.push(BAD["no key"])
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert api.push(item("1")).status_code == 200


def test_an_item_may_be_at_every_border(api: Client, standin: StandIn) -> None:
    edge = item("1", [group("c", LONG[:-1])], FirstName=LONG[:-1], EmailAddress="", Birthday="", Age=44, MemberID="7")
    edge["Education"] = [{"DegreeYear": 1999, "FromYear": "1995", "IsHighestDegreeAttained": "True"}]
    edge["JobHistory"] = [{"StartDate": "2024-02-29", "EndDate": ""}]
    assert api.push(edge, item("2", MemberId="8", Age="45", IsActive=False)).json() == taken(2)
    assert members(standin)["1"]["extra"]["JobHistory"] == [{"StartDate": "2024-02-29", "EndDate": ""}]


def test_the_fake_domains_can_be_others(api: Client, standin: StandIn) -> None:
    standin.switch(fake_domains=["example.org"])
    assert api.push(item("1", EmailAddress="ada@fake.example.org")).json() == taken(1)
    assert api.push(item("1", EmailAddress="Ada@Example.org")).json()["success"] is False


def test_a_hundred_items_are_the_most(api: Client, standin: StandIn) -> None:
    assert api.push(*[item(str(n)) for n in range(100)]).json() == taken(100)
    answer = api.push(*[item(f"more {n}") for n in range(101)])
    assert answer.json() == {"success": False, "count": 0, "errorMessage": "The request holds too many items."}
    assert standin.state(counts=1)["counts"]["members"] == 100
    standin.switch(max_items=1)
    assert api.push(item("1"), item("2")).json()["success"] is False


def test_another_tenant_is_not_served(api: Client, standin: StandIn) -> None:
    answer = api.push(item("1"), tenant="stranger")
    assert (answer.status_code, answer.json()["success"]) == (200, False)
    standin.switch(unknown_tenant="403")
    answer = api.push(item("1"), tenant="stranger")
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    standin.switch(tenant_code="stranger")
    assert api.push(item("1"), tenant="stranger").json() == taken(1)
    assert set(members(standin)) == {"1"}


@pytest.mark.parametrize("headers", [{"x-api-key": "wrong"}, {"x-api-key": None}, {"x-api-key": KEY.upper()}])
def test_a_wrong_or_missing_key_is_forbidden(api: Client, standin: StandIn, headers: dict[str, str]) -> None:
    answer = api(MEMBERS, {"TenantCode": TENANT, "Items": [item("1")]}, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert standin.state()["members"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"TenantCode": "standin-tenant"}',
        b'{"Items": []}',
        b'{"TenantCode": "standin-tenant", "Items": {}}',
        b'{"TenantCode": "standin-tenant", "Items": [], "Mode": "full"}',
        b'{"TenantCode": "standin-tenant", "Items": ["\xff"]}',
    ],
)
def test_a_body_that_is_no_push_fails(api: Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.session.post(api.url + MEMBERS, data=body, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["success"], answer.json()["count"]) == (200, False, 0)
    assert answer.json()["errorMessage"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_let_in(api: Client, content_type: str | None) -> None:
    answer = api.session.post(api.url + MEMBERS, data=b"{}", headers={"Content-Type": content_type}, timeout=10)
    assert (answer.status_code, answer.json()) == (415, {"message": "Unsupported Media Type"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", MEMBERS, 405),
        ("DELETE", MEMBERS, 405),
        ("POST", MEMBERS + "/1", 404),
        ("POST", "/push/v1/events", 404),
        ("POST", "/members", 404),
        ("POST", MEMBERS + "?dryRun=1", 400),
    ],
)
def test_there_is_one_call_and_nothing_to_read(api: Client, method: str, path: str, status: int) -> None:
    body = {"TenantCode": TENANT, "Items": [item("1")]}
    answer = api.session.request(method, api.url + path, json=body, timeout=10)
    assert answer.status_code == status
    assert set(answer.json()) == {"message"}
