"""Version 1 of the Push API: whole records, their groups and communities, parents, and when they are seen."""

from __future__ import annotations

import pytest

from standins import StandIn
from unit.standins.higher_logic_client import Client, communities, group, item, members, taken

provider = pytest.fixture(lambda: "higher_logic")


def test_a_push_makes_members_and_says_how_many(api: Client, standin: StandIn) -> None:
    answer = api.push(
        item("1", FirstName="Ada", LastName="Example", EmailAddress="ada@example.org", IsActive=True, IsMember="True"),
        item("2", CompanyName="Example Works", IsOrganization=True, IsActive="False"),
    )
    assert (answer.status_code, answer.json()) == (200, taken(2))
    found = members(standin)
    ada, works = found["1"], found["2"]
    assert (ada["first_name"], ada["last_name"], ada["email"]) == ("Ada", "Example", "ada@example.org")
    assert (ada["is_active"], ada["is_member"], ada["is_organization"]) == (True, True, False)
    assert (works["company"], works["is_active"], works["is_organization"]) == ("Example Works", False, True)
    assert standin.state(counts=1)["counts"] == {
        "members": 2,
        "active": 1,
        "organizations": 1,
        "communities": 0,
        "lists": 0,
    }


def test_a_push_replaces_the_whole_record(api: Client, standin: StandIn) -> None:
    full = item("1", [group("choir", "Choir")], FirstName="Ada", Title="Head", IsActive=True, City="Springfield")
    full["SecurityGroups"] = [group("full", "Full Member", SinceDate="2020-02-29")]
    full["Demographics"] = [{"DemographicTypeKey": "chapter", "DemographicValue": "North", "IsFreeForm": True}]
    api.push(full)
    before = members(standin)["1"]
    assert before["fields"] == {"Title": "Head", "City": "Springfield"}
    assert before["extra"]["Demographics"][0]["DemographicValue"] == "North"
    assert [(each["key"], each["since"]) for each in before["security_groups"]] == [("full", "2020-02-29")]
    api.push(item("1", LastName="Example"))
    after = members(standin)["1"]
    assert (after["first_name"], after["last_name"], after["is_active"]) == ("", "Example", False)
    assert (after["fields"], after["extra"], after["security_groups"], after["communities"]) == ({}, {}, [], [])
    assert (after["pushes"], standin.state()["pushes"]) == (2, 2)
    assert communities(standin) == {"choir": ("Choir", True, 0)}


def test_a_place_in_a_group_has_a_role_and_days(api: Client, standin: StandIn) -> None:
    board = group("board", "Board", GroupType="Committee", RoleDescription="Chair", BeginDate="2026-01-01", EndDate="")
    api.push(item("1", [board | {"GroupSubType": "standing", "ParentCommunityKey": "all"}]))
    assert members(standin)["1"]["communities"] == [
        {
            "key": "board",
            "name": "Board",
            "type": "Committee",
            "role": "Chair",
            "since": "",
            "begin": "2026-01-01",
            "end": "",
        }
    ]


def test_a_community_is_made_hidden_until_an_administrator_shows_it(api: Client, standin: StandIn) -> None:
    api.push(item("1", [group("choir", "Choir")]), item("2", [group("choir", "Choir"), group("board", "Board")]))
    assert communities(standin) == {"choir": ("Choir", True, 2), "board": ("Board", True, 1)}
    standin.act("unhide_community", key="choir")
    api.push(item("3", [group("choir", "Choir")]))
    assert communities(standin)["choir"] == ("Choir", False, 3)


def test_the_name_of_the_latest_push_wins(api: Client, standin: StandIn) -> None:
    api.push(item("1", [group("c1", "Choir"), group("c2")]))
    assert communities(standin)["c2"][0] == "c2"
    standin.act("rename_community", key="c1", name="Chorus")
    assert members(standin)["1"]["communities"][0]["name"] == "Chorus"
    api.push(item("2", [group("c1")]))
    assert communities(standin)["c1"][0] == "Chorus"
    api.push(item("2", [group("c1", "Singers")]))
    assert communities(standin)["c1"] == ("Singers", True, 2)


def test_keys_are_compared_with_their_case(api: Client, standin: StandIn) -> None:
    api.push(item("a1", [group("c")]), item("A1", [group("C")]))
    assert set(members(standin)) == {"a1", "A1"}
    assert set(communities(standin)) == {"c", "C"}


def test_what_is_named_twice_counts_as_last_named(api: Client, standin: StandIn) -> None:
    first = item("1", [group("c", "Choir", RoleDescription="Member"), group("c", "Choir", RoleDescription="Chair")])
    assert api.push(first, item("2", FirstName="A"), item("2", FirstName="B")).json() == taken(3)
    found = members(standin)
    assert [place["role"] for place in found["1"]["communities"]] == ["Chair"]
    assert communities(standin)["c"][2] == 1
    assert (found["2"]["first_name"], found["2"]["pushes"]) == ("B", 2)


def test_a_parent_may_come_later(api: Client, standin: StandIn) -> None:
    api.push(item("1", ParentMemberKey="org"))
    assert (members(standin)["1"]["parent_key"], members(standin)["1"]["parent_resolves"]) == ("org", False)
    api.push(item("org", IsOrganization=True))
    assert members(standin)["1"]["parent_resolves"] is True
    standin.act("delete_member", key="org")
    assert members(standin)["1"]["parent_resolves"] is False


def test_by_switch_a_parent_must_be_known_or_come_along(api: Client, standin: StandIn) -> None:
    standin.switch(unknown_parent="fail")
    assert api.push(item("0"), item("1", ParentMemberKey="org")).json()["success"] is False
    assert standin.state()["members"] == []
    assert api.push(item("1", ParentMemberKey="org"), item("org", IsOrganization=True)).json() == taken(2)
    assert api.push(item("2", ParentMemberKey="org")).json() == taken(1)
    standin.switch(bad_item="skips")
    assert api.push(item("3", ParentMemberKey="none"), item("4")).json() == taken(1)
    assert set(members(standin)) == {"1", "org", "2", "4"}


def test_a_change_is_seen_after_a_while(api: Client, standin: StandIn) -> None:
    standin.clock(set="2026-01-01T00:00:00Z", frozen=True)
    standin.switch(visible_after_seconds=60)
    api.push(item("1"))
    assert members(standin)["1"]["visible"] is False
    standin.clock(advance_seconds=60)
    assert members(standin)["1"]["visible"] is True
    api.push(item("1"), item("2"))
    assert [member["visible"] for member in members(standin).values()] == [False, False]
    assert members(standin)["2"]["updated_at"] == "2026-01-01T00:01:00+00:00"


def test_the_history_shows_every_status_and_its_author(api: Client, standin: StandIn) -> None:
    api.push(item("1", IsActive=True))
    api.push(item("1", IsActive=True, FirstName="Ada"))
    api.push(item("1"))
    standin.act("edit_member", key="1", fields={"IsActive": "True"})
    standin.act("delete_member", key="1")
    history = standin.state(history=1)["history"]
    assert [(each["key"], each["from"], each["to"], each["by"]) for each in history] == [
        ("1", None, "active", "api"),
        ("1", "active", "inactive", "api"),
        ("1", "inactive", "active", "admin"),
        ("1", "active", "deleted", "admin"),
    ]


def test_an_empty_push_is_no_mistake(api: Client) -> None:
    assert api.push().json() == taken(0)
