"""Lists whose names collide are lists of their own there, each with its people, whatever becomes of the others."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, OTHER_ADDRESS, add_person, settle_in

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CARA = "cara@example.org"


def people_of(arena: Arena) -> dict[str, set[str]]:
    """List there → the addresses in it that get mail."""
    state = arena.standin.state()
    people = [each for each in arena.provider.people(state) if each["is_subscribed"]]
    return {name: {each["address"] for each in people if name in each["lists"]} for name in arena.provider.lists(state)}


@pytest.fixture
def three(played: Arena) -> Arena:
    """Ann is in the first list, Bob in the second, Cara in a third one; nothing was sent since there is a third."""
    played.reset()
    settle_in(played.association)
    with played.association.connect() as connection:
        connection.execute("insert into crm.list (list_id, name, sync_enabled) values (3, 'Events', true)")
        add_person(connection, 3, "Cara", CARA, list_id=3)
    return played


def called(arena: Arena, *names: str) -> None:
    """The lists are called so in the CRM from now on."""
    for list_id, name in enumerate(names, start=1):
        arena.world.crm_do("update crm.list set name = %s where list_id = %s", name, list_id)


@pytest.mark.parametrize(
    "names",
    [
        ("News", "News", "News (#2)"),
        ("News", "News (#3)", "news"),
        ("News (#3)", "News", " NEWS "),
        ("News", "News ", "news (#2)\t"),
    ],
)
def test_a_name_made_up_for_one_list_may_be_the_name_of_another(three: Arena, names: tuple[str, ...]) -> None:
    called(three, *names)
    assert three.run("changes")
    assert sorted(people_of(three).values(), key=sorted) == [{ADDRESS}, {OTHER_ADDRESS}, {CARA}]
    three.settle()
    three.world.crm_do("delete from crm.list where list_id = 3")
    assert three.run("changes")
    assert sorted(people_of(three).values(), key=sorted) == [{ADDRESS}, {OTHER_ADDRESS}]
    three.settle()


def test_a_list_gets_the_name_that_was_made_up_for_another(three: Arena) -> None:
    called(three, "News", "News", "Events")
    assert three.run("changes")
    assert people_of(three) == {"News": {ADDRESS}, "News (#2)": {OTHER_ADDRESS}, "Events": {CARA}}
    called(three, "News", "News", "News (#2)")
    assert three.run("changes")
    assert people_of(three) == {"News": {ADDRESS}, "News (#2) (#2)": {OTHER_ADDRESS}, "News (#2)": {CARA}}
    three.settle()


def test_lists_trade_names_past_one_that_has_the_passing_name(three: Arena) -> None:
    called(three, "News", "Board", "News (#2)")
    assert three.run("changes")
    called(three, "Board", "News", "News (#2)")
    assert three.run("changes")
    assert people_of(three) == {"Board": {ADDRESS}, "News": {OTHER_ADDRESS}, "News (#2)": {CARA}}
    three.settle()


def test_a_list_is_deleted_and_another_made_under_its_name_in_one_run(three: Arena) -> None:
    called(three, "News", "News", "News (#2)")
    assert three.run("changes")
    three.world.crm_do(
        """
        delete from crm.list where list_id = 3;
        insert into crm.list (list_id, name, sync_enabled) values (4, 'News (#2)', true);
        insert into crm.list_member (list_id, contact_id) values (4, 2)
        """
    )
    assert three.run("changes")
    assert people_of(three) == {
        "News": {ADDRESS},
        "News (#2) (#2)": {OTHER_ADDRESS},
        "News (#2)": {OTHER_ADDRESS},
    }
    three.settle()


def test_after_the_ledger_is_lost_each_list_is_adopted_by_its_own(three: Arena) -> None:
    called(three, "News", "News", "News (#2)")
    assert three.run("changes")
    before = people_of(three)
    ids = three.world.query("select list_id, remote_id from crm_sync.list_holding order by 1")
    for table in ("holding", "list_holding", "cursor"):
        three.world.query(f"delete from crm_sync.{table} returning 1")
    assert three.run("full")
    assert people_of(three) == before
    assert three.world.query("select list_id, remote_id from crm_sync.list_holding order by 1") == ids
    three.settle()
