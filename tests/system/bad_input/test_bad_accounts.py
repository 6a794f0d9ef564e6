"""What an account of Constant Contact cannot hold, and what hands spoil in it: each refusal has its reason, nobody else
pays for it, and what made it go away is enough to mend it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from contract.people import add_list, add_people
from contract.worlds import assert_in_step
from local.world import World
from standins import StandIn
from standins.constant_contact import contract

MOST_LISTS = 1000
MOST_LISTS_OF_ONE = 50
LISTS = "insert into crm.list (list_id, name, sync_enabled) select n, 'List ' || n, true from generate_series(1, %s) n"
JOIN = "insert into crm.list_member (list_id, contact_id) select l, %s from generate_series(%s::int, %s::int) l"


@pytest.fixture(scope="module")
def provider() -> str:
    return "constant_contact"


def lists_there(standin: StandIn) -> dict[str, int]:
    return contract.lists(standin.state())


def lists_of(standin: StandIn, person: int) -> frozenset[str]:
    return contract.people(standin.state())[f"person{person}@example.org"][1]


def test_the_list_after_the_thousandth_waits_until_another_one_goes(empty: World, standin: StandIn) -> None:
    theirs = [f"Theirs {n}" for n in range(MOST_LISTS - 4)]
    marketers = [f"marketer{n}@example.org" for n in range(0, len(theirs), MOST_LISTS_OF_ONE)]
    for number, who in enumerate(marketers):
        some = theirs[number * MOST_LISTS_OF_ONE :][:MOST_LISTS_OF_ONE]
        standin.act("create_contact", address=who, lists=some)
    empty.crm_do(LISTS, 5)
    for number in (1, 2, 4, 5):
        add_people(empty.crm_dsn, number, number, lists=[number])
    add_people(empty.crm_dsn, 6, 6, lists=[1, 5])
    empty.run()
    assert len(lists_there(standin)) == MOST_LISTS
    assert "List 5" not in lists_there(standin)
    assert [lists_of(standin, n) for n in (1, 2, 4, 6)] == [{"List 1"}, {"List 2"}, {"List 4"}, {"List 1"}]
    told = empty.query("select what, list_id, reason from crm_sync.exceptions order by what, subscriber_key")
    assert told == [("list", 5, "too_many_lists_in_account"), *[("subscriber", None, "list_refused")] * 2]
    assert empty.run()["extract"]["idle"] == 1, "it is not tried every ten minutes"
    empty.crm_do("delete from crm.list where list_id = 2")
    empty.run()
    assert lists_there(standin)["List 5"] == 2
    assert empty.query("select * from crm_sync.exceptions") == []
    assert_in_step(empty, standin, strangers=frozenset(marketers))


def test_who_is_in_too_many_lists_is_in_as_many_as_fit_and_each_other_one_says_why(
    empty: World, standin: StandIn
) -> None:
    empty.crm_do(LISTS, MOST_LISTS_OF_ONE + 2)
    add_people(empty.crm_dsn, 1, 1)
    empty.crm_do(JOIN, 1, 1, MOST_LISTS_OF_ONE + 2)
    add_people(empty.crm_dsn, 2, 3, lists=[1, MOST_LISTS_OF_ONE + 2])
    empty.run()
    assert len(lists_of(standin, 1)) == MOST_LISTS_OF_ONE
    assert [lists_of(standin, n) for n in (2, 3)] == [{"List 1", f"List {MOST_LISTS_OF_ONE + 2}"}] * 2
    refused = empty.query(
        "select subscriber_key, list_name is not null, reason from crm_sync.operation where status = 'refused'"
    )
    assert [(who, reason) for who, _, reason in refused] == [("person1@example.org", "too_many_lists")] * 2
    assert empty.query("select subscriber_key, reason from crm_sync.exceptions") == [
        ("person1@example.org", "too_many_lists")
    ]
    empty.crm_do("delete from crm.list_member where contact_id = 1 and list_id <= 2")
    empty.run()
    assert len(lists_of(standin, 1)) == MOST_LISTS_OF_ONE
    assert empty.query("select * from crm_sync.exceptions") == []
    assert_in_step(empty, standin)


def test_whose_lists_are_full_of_the_marketers_own_keeps_those(world: World, standin: StandIn) -> None:
    theirs = [f"Theirs {n}" for n in range(MOST_LISTS_OF_ONE)]
    standin.act("create_contact", address="person1@example.org", lists=theirs)
    world.run()
    assert lists_of(standin, 1) == set(theirs)
    assert world.query("select subscriber_key, reason from crm_sync.exceptions") == [
        ("person1@example.org", "too_many_lists")
    ]
    assert [lists_of(standin, n) for n in (2, 4)] == [{"News"}, {"News", "Events"}]
    standin.act("remove_from_list", address="person1@example.org", name=theirs[0])
    world.run("full")
    assert lists_of(standin, 1) == {"News", *theirs[1:]}
    assert world.query("select * from crm_sync.exceptions") == []


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_a_list_deleted_by_hand_comes_back_with_all_its_people(mode: str, synced: World, standin: StandIn) -> None:
    standin.act("delete_list", name="News")
    add_people(synced.crm_dsn, 6, 6, lists=[1])
    synced.run(mode)
    synced.run()  # the changes run found it gone; the next one makes it again
    assert lists_there(standin) == {"News": 6, "Events": 2}
    assert synced.query("select * from crm_sync.exceptions") == []
    assert_in_step(synced, standin)


class Marketer:
    """Somebody who works in the account by another program, with a field of their own."""

    def __init__(self, standin: StandIn) -> None:
        self._url = standin.url + contract.API_PATH
        token = standin.act("grant")["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, self._url + path, json=body, headers=self._headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fields_of(self, contact_id: str) -> list[str]:
        said = self.call("GET", f"/contacts/{contact_id}?include=custom_fields")
        return [each["value"] for each in said.get("custom_fields", [])]


def test_a_custom_field_of_the_marketers_stays_until_they_delete_it_and_nothing_depends_on_it(
    synced: World, standin: StandIn
) -> None:
    marketer = Marketer(standin)
    field = marketer.call("POST", "/contact_custom_fields", {"label": "Shirt", "type": "string"})
    (who,) = (each["contact_id"] for each in standin.state()["contacts"] if each["address"] == "person1@example.org")
    body = {
        "update_source": "Account",
        "email_address": {"address": "person1@example.org", "permission_to_send": "implicit"},
        "custom_fields": [{"custom_field_id": field["custom_field_id"], "value": "XL"}],
    }
    marketer.call("PUT", f"/contacts/{who}", body)
    # A change by an import, one by a single write, which replaces what it sends, and none, for a name is missing.
    renamed, moved = "update crm.contact set first_name = %s where contact_id = 1", "moved@example.org"
    moves = "update crm.email_address set address = %s where contact_id = 1"
    for change, value, address, name, kept in (
        (renamed, "Anna", "person1@example.org", "Anna", ["XL"]),
        (moves, moved, moved, "Anna", ["XL"]),
        (renamed, None, moved, "Anna", ["XL"]),
        (renamed, "Ann", moved, "Ann", []),
    ):
        if not kept:
            standin.act("delete_custom_field", name=field["name"])
        synced.crm_do(change, value)
        synced.run()
        assert contract.names(standin.state())[address][0] == name
        assert marketer.fields_of(who) == kept
    assert synced.query("select * from crm_sync.exceptions") == []


def theirs_called_news(standin: StandIn, world: World, people: int) -> None:
    """Somebody else's list of our name, whose people are not ours."""
    standin.act("create_list", name="NEWS")
    for n in range(people):
        standin.act("create_contact", address=f"stranger{n}@example.org", lists=["NEWS"])
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, 1, lists=[1])
    add_list(world.crm_dsn, 2, "Events")
    add_people(world.crm_dsn, 2, 2, lists=[2])


@pytest.mark.parametrize("first_mode", ["changes", "full"])
def test_an_empty_list_of_the_same_name_is_taken(first_mode: str, empty: World, standin: StandIn) -> None:
    add_list(empty.crm_dsn, 9, "Before")
    empty.run()  # so that the next run is what it is asked to be
    theirs_called_news(standin, empty, 0)
    before = {each["id"] for each in standin.state()["lists"] if each["name"].casefold() == "news"}
    empty.run(first_mode)
    now = {each["id"]: each["members"] for each in standin.state()["lists"] if each["name"].casefold() == "news"}
    assert now == dict.fromkeys(before, 1)
    assert empty.query("select * from crm_sync.exceptions") == []


@pytest.mark.parametrize("first_mode", ["changes", "full"])
def test_a_list_of_the_same_name_that_has_others_in_it_is_left_alone(
    first_mode: str, empty: World, standin: StandIn
) -> None:
    add_list(empty.crm_dsn, 9, "Before")
    empty.run()
    theirs_called_news(standin, empty, 3)
    empty.run(first_mode)
    assert lists_there(standin) == {"NEWS": 3, "Events": 1, "Before": 0}
    assert lists_of(standin, 2) == {"Events"}
    told = empty.query("select what, list_id, subscriber_key, reason from crm_sync.exceptions order by what")
    assert told == [
        ("list", 1, None, "list_name_taken"),
        ("subscriber", None, "person1@example.org", "list_refused"),
    ]
    empty.crm_do("update crm.list set name = 'Our News' where list_id = 1")
    empty.run()
    assert lists_there(standin) == {"NEWS": 3, "Events": 1, "Before": 0, "Our News": 1}
    assert empty.query("select * from crm_sync.exceptions") == []


def test_a_setting_says_that_the_list_of_the_same_name_is_ours(empty: World, standin: StandIn) -> None:
    theirs_called_news(standin, empty, 3)
    empty.settings = replace(empty.settings, adopt_list_share=0)
    empty.run("full", allow_removals=True)
    assert lists_there(standin) == {"News": 1, "Events": 1}
    assert lists_of(standin, 1) == {"News"}
    assert empty.query("select * from crm_sync.exceptions") == []
