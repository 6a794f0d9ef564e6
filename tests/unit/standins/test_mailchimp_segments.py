"""Static segments: names, members, strangers, and that a segment and a tag are one thing."""

from __future__ import annotations

import pytest

from standins import StandIn
from unit.standins.mailchimp_client import LIST, Client, hash_of, member_path

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
SEGMENTS = LIST + "/segments"


@pytest.fixture
def people(api: Client) -> Client:
    for address in (ADA, BOB):
        assert api.put(address).status_code == 200
    return api


def test_a_segment_is_created_with_those_who_are_known(people: Client) -> None:
    created = people("POST", SEGMENTS, {"name": "Choir", "static_segment": [ADA, EVE]}).json()
    assert isinstance(created["id"], int)
    assert (created["member_count"], created["type"]) == (1, "static")
    assert people.member(ADA)["tags"] == [{"id": created["id"], "name": "Choir"}]


@pytest.mark.parametrize("name", ["choir", "CHOIR", "", " ", "x" * 101])
def test_names_are_unique_and_have_up_to_100_characters(api: Client, name: str) -> None:
    api.segment("Choir")
    other = api.segment("x" * 100)
    assert api("POST", SEGMENTS, {"name": name, "static_segment": []}).status_code == 400
    assert api("PATCH", f"{SEGMENTS}/{other}", {"name": name}).status_code == 400
    assert api("GET", SEGMENTS).json()["total_items"] == 2


def test_listing_pages_and_types(api: Client) -> None:
    for n in range(12):
        api.segment(f"S{n}")
    first = api("GET", SEGMENTS, type="static").json()
    assert (len(first["segments"]), first["total_items"]) == (10, 12)
    assert len(api("GET", SEGMENTS, type="static", offset=10).json()["segments"]) == 2
    assert api("GET", SEGMENTS, type="saved").json()["total_items"] == 0
    assert api("GET", SEGMENTS, sort="x").status_code == 400


def test_member_count_is_of_subscribed_members(people: Client, standin: StandIn) -> None:
    number = people.segment("Choir", ADA, BOB)
    counts = []
    for action in ("unsubscribe", "resubscribe", "archive"):
        standin.act(action, address=ADA)
        counts.append(people("GET", f"{SEGMENTS}/{number}").json()["member_count"])
    assert counts == [1, 2, 1]
    standin.act("unsubscribe", address=BOB)
    assert people("GET", f"{SEGMENTS}/{number}", include_unsubscribed="true").json()["member_count"] == 1


def test_add_and_remove_in_one_call(people: Client) -> None:
    number = people.segment("Choir", BOB)
    answer = people(
        "POST", f"{SEGMENTS}/{number}", {"members_to_add": [ADA.upper(), EVE], "members_to_remove": [BOB]}
    ).json()
    assert [member["email_address"] for member in answer["members_added"]] == [ADA]
    assert [member["email_address"] for member in answer["members_removed"]] == [BOB]
    assert (answer["total_added"], answer["total_removed"], answer["error_count"]) == (1, 1, 0)
    assert people("GET", member_path(EVE)).status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"members_to_add": [EVE], "members_to_remove": [BOB]}, ["members_to_add"]),
        ({"members_to_add": [ADA], "members_to_remove": [EVE]}, ["members_to_remove"]),
        ({"members_to_add": [EVE], "members_to_remove": [EVE]}, ["members_to_add", "members_to_remove"]),
    ],
)
def test_strangers_alone_refuse_the_whole_call(
    people: Client, standin: StandIn, body: dict[str, list[str]], fields: list[str]
) -> None:
    number = people.segment("Choir", BOB)
    refused = people("POST", f"{SEGMENTS}/{number}", body)
    assert (refused.status_code, refused.json()["title"]) == (400, "Invalid Resource")
    assert [error["field"] for error in refused.json()["errors"]] == fields
    assert [member["tags"] for member in standin.state()["members"]] == [[], ["Choir"]]


@pytest.mark.parametrize("part", ["members_to_add", "members_to_remove"])
def test_over_500_addresses_are_refused(people: Client, part: str) -> None:
    number = people.segment("Choir")
    many = [ADA, BOB, *[f"p{n}@example.org" for n in range(499)]]
    assert people("POST", f"{SEGMENTS}/{number}", {part: many}).json()["errors"][0]["field"] == part
    assert people("POST", f"{SEGMENTS}/{number}", {part: many[:500]}).status_code == 200


def test_archived_members_cannot_be_added_and_unsubscribed_ones_can_be_removed(
    people: Client, standin: StandIn
) -> None:
    number = people.segment("Choir", BOB)
    standin.act("archive", address=ADA)
    standin.act("unsubscribe", address=BOB)
    body = {"members_to_add": [ADA], "members_to_remove": [BOB]}
    answer = people("POST", f"{SEGMENTS}/{number}", body).json()
    assert [error["field"] for error in answer["errors"]] == ["members_to_add"]
    assert people("POST", f"{SEGMENTS}/{number}", {"members_to_remove": [BOB]}).json()["total_removed"] == 1
    standin.switch(archived_in_segment="added")
    assert people("POST", f"{SEGMENTS}/{number}", {"members_to_add": [ADA]}).json()["total_added"] == 1


def test_unsubscribed_members_may_err(people: Client, standin: StandIn) -> None:
    number = people.segment("Choir", BOB)
    standin.act("unsubscribe", address=BOB)
    standin.switch(left_in_segment="error")
    answer = people("POST", f"{SEGMENTS}/{number}", {"members_to_remove": [BOB]}).json()
    assert (answer["total_removed"], answer["errors"][0]["email_addresses"]) == (0, [BOB])


@pytest.mark.parametrize(("choice", "total", "errors"), [("error", 0, 1), ("accepted", 1, 0), ("ignored", 0, 0)])
def test_repeating_a_change(people: Client, standin: StandIn, choice: str, total: int, errors: int) -> None:
    number = people.segment("Choir", ADA)
    standin.switch(segment_repeat=choice)
    added = people("POST", f"{SEGMENTS}/{number}", {"members_to_add": [ADA]}).json()
    removed = people("POST", f"{SEGMENTS}/{number}", {"members_to_remove": [BOB]}).json()
    assert (added["total_added"], added["error_count"]) == (total, errors)
    assert (removed["total_removed"], removed["error_count"]) == (total, errors)


def test_a_patch_renames_replaces_and_empties(people: Client) -> None:
    path = f"{SEGMENTS}/{people.segment('Choir', ADA)}"
    assert people("PATCH", path, {"name": "CHOIR"}).json()["member_count"] == 1
    assert people("PATCH", path, {"name": "CHOIR", "static_segment": [BOB]}).json()["member_count"] == 1
    assert (people.member(ADA)["tags_count"], people.member(BOB)["tags"][0]["name"]) == (0, "CHOIR")
    assert people("PATCH", path, {"name": "CHOIR", "static_segment": []}).json()["member_count"] == 0
    assert people("PATCH", path, {}).status_code == 400


def test_deleting_a_segment_takes_the_tag_off(people: Client) -> None:
    path = f"{SEGMENTS}/{people.segment('Choir', ADA)}"
    assert people("DELETE", path).status_code == 204
    assert people.member(ADA)["tags_count"] == 0
    assert people("GET", path).status_code == 404
    assert people("DELETE", path).status_code == 404
    people.segment("Choir")


def test_members_of_a_segment_one_by_one(people: Client, standin: StandIn) -> None:
    path = f"{SEGMENTS}/{people.segment('Choir', ADA)}/members"
    assert people("POST", path, {"email_address": BOB}).json()["id"] == hash_of(BOB)
    assert people("POST", path, {"email_address": EVE}).status_code == 400
    standin.act("unsubscribe", address=ADA)
    assert [member["email_address"] for member in people("GET", path).json()["members"]] == [BOB]
    assert people("GET", path, include_unsubscribed="true").json()["total_items"] == 2
    assert people("DELETE", f"{path}/{hash_of(BOB)}").status_code == 204
    assert people("DELETE", f"{path}/{hash_of(BOB)}").status_code == 404


def test_merge_fields_live_and_die(people: Client) -> None:
    path = LIST + "/merge-fields"
    assert [field["tag"] for field in people("GET", path).json()["merge_fields"]] == [
        "FNAME",
        "LNAME",
        "ADDRESS",
        "PHONE",
    ]
    number = people("POST", path, {"name": "Member number", "type": "text"}).json()
    assert number["tag"] == "MEMBERNUMB"
    assert people("POST", path, {"name": "x", "tag": "FNAME", "type": "text"}).status_code == 400
    one = f"{path}/{number['merge_id']}"
    assert people("PATCH", one, {"name": "No", "tag": "NO"}).json()["tag"] == "NO"
    assert people.put(ADA, merge_fields={"NO": "7"}).json()["merge_fields"]["NO"] == "7"
    assert people("DELETE", one).status_code == 204
    assert "NO" not in people.member(ADA)["merge_fields"]
