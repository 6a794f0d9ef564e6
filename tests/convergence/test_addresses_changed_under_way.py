"""Somebody changes their own address between the poll and the push: what the push was to do is done to the person, by
the provider's own id, and "nobody has that address" is no success."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.own_addresses import PRIVATE, THIRD, identities, is_archived, lists_of, readdress
from convergence.stages import stages_before, stages_from
from convergence.two_people import (
    ADDRESS,
    ANN_IS_BACK,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    OTHER_ADDRESS,
    person,
    subscribed,
)

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ANN_IN_BOTH = "insert into crm.list_member (list_id, contact_id) values (2, 1)"
ANN_IS_CALLED_OTHERWISE = "update crm.contact set first_name = 'Anna' where contact_id = 1"


def run_around(arena: Arena, change: str) -> None:
    """A change in the CRM, and a run that has planned it when she changes her address."""
    arena.world.crm_do(change)
    run = arena.begin("changes")
    assert arena.play(stages_before("load"), run)
    readdress(arena)
    assert arena.play(stages_from("load"), run)


def test_do_not_contact_reaches_her(played: Arena) -> None:
    run_around(played, ANN_REFUSES_MAIL)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert person(played, PRIVATE)["is_unsubscribed"]
    assert not lists_of(played, PRIVATE)
    played.settle()


def test_who_leaves_all_lists_is_archived(played: Arena) -> None:
    run_around(played, ANN_LEAVES)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert is_archived(played, PRIVATE)
    played.settle()


@pytest.mark.parametrize("before", [ANN_REFUSES_MAIL, ANN_LEAVES])
def test_who_comes_back_is_subscribed_where_she_is(played: Arena, before: str) -> None:
    who = identities(played)[ADDRESS]
    played.world.crm_do(before)
    assert played.run("changes")
    again = "update crm.contact set do_not_contact = false where contact_id = 1"
    run_around(played, ANN_IS_BACK if before == ANN_LEAVES else again)
    played.settle()
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert identities(played)[PRIVATE] == who
    assert lists_of(played, PRIVATE) == {"News"}


@pytest.mark.parametrize("change", [ANN_IN_BOTH, ANN_IS_CALLED_OTHERWISE, f"{ANN_IN_BOTH}; {ANN_IS_CALLED_OTHERWISE}"])
def test_lists_and_names_reach_her(played: Arena, change: str) -> None:
    run_around(played, change)
    played.settle()
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert lists_of(played, PRIVATE) == ({"News", "Board"} if "list_member" in change else {"News"})
    assert person(played, PRIVATE)["names"][0] == ("Anna" if "Anna" in change else "Ann")


def test_the_crm_moves_her_on(played: Arena) -> None:
    who = identities(played)[ADDRESS]
    run_around(played, f"update crm.email_address set address = '{THIRD}' where contact_id = 1")
    assert subscribed(played) == {THIRD, OTHER_ADDRESS}
    assert identities(played)[THIRD] == who
    played.settle()
