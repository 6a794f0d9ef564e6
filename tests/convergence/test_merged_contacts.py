"""What somebody lets go of goes to whoever takes it in the same run: an address, by a merge, a chain, a trade."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.members import MemberArena
from convergence.two_people import ADDRESS, ANN_LEAVES, OTHER_ADDRESS, TRADE_ADDRESSES, add_person

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANN_IS_DELETED = "delete from crm.contact where contact_id = 1"
BOB_TAKES_HER_ADDRESS = f"update crm.email_address set address = '{ADDRESS}' where contact_id = 2"
ANN_HAS_NO_ADDRESS = "delete from crm.email_address where contact_id = 1"
# Everybody takes the address of the one before; with more people than a call takes.
EVERYBODY_MOVES_UP = """
    with before as (
        select contact_id, lag(address) over (order by contact_id) as previous from crm.email_address
    )
    update crm.email_address as e set address = b.previous from before as b
    where b.contact_id = e.contact_id and b.previous is not null
"""
THE_LAST_IS_FIRST = """
    with ring as (
        select contact_id, coalesce(lag(address) over w, first_value(address) over (order by contact_id desc)) as next
        from crm.email_address window w as (order by contact_id)
    )
    update crm.email_address as e set address = r.next from ring as r where r.contact_id = e.contact_id
"""
CROWD = range(3, 11)


def held(arena: Arena) -> dict[str, str]:
    """First name → address of all who are held, or get mail."""
    state = arena.standin.state()
    if isinstance(arena, MemberArena):
        there = [each for each in arena.provider.members(state).values() if each["is_held"]]
        return {each["names"][0]: each["email"] for each in there}
    there = [each for each in arena.provider.people(state) if each["is_subscribed"]]
    return {each["names"][0]: each["address"].lower() for each in there}


def crowded(arena: Arena) -> dict[str, str]:
    """Ten people, each with an address, brought across."""
    with psycopg.connect(arena.association.dsn) as connection:
        for number in CROWD:
            add_person(connection, number, f"P{number}", f"p{number}@example.org", list_id=1)
    assert arena.run("changes")
    there = held(arena)
    assert len(there) == 2 + len(CROWD)
    return there


def in_the_crm(arena: Arena) -> dict[str, str]:
    """The same by the CRM, of those with an address."""
    rows: list[tuple[Any, ...]] = arena.world.crm_do(
        "select first_name, address from crm.contact join crm.email_address using (contact_id)"
    )
    return {str(name): str(address) for name, address in rows}


@everywhere
def test_who_is_merged_into_another_leaves_the_address_to_them(played: Arena) -> None:
    played.world.crm_do(ANN_IS_DELETED + ";" + BOB_TAKES_HER_ADDRESS)
    assert played.run("changes")
    assert held(played) == {"Bob": ADDRESS}
    played.settle()


@everywhere
def test_a_new_contact_takes_the_address_of_one_who_is_deleted(played: Arena) -> None:
    played.world.crm_do(ANN_IS_DELETED)
    with psycopg.connect(played.association.dsn) as connection:
        add_person(connection, 3, "Cleo", ADDRESS, list_id=1)
    assert played.run("changes")
    assert held(played) == {"Bob": OTHER_ADDRESS, "Cleo": ADDRESS}
    played.settle()


@everywhere
def test_whoever_lapses_leaves_the_address_to_another(played: Arena) -> None:
    played.world.crm_do(ANN_LEAVES + ";" + ANN_HAS_NO_ADDRESS + ";" + BOB_TAKES_HER_ADDRESS)
    assert played.run("changes")
    assert held(played) == {"Bob": ADDRESS}
    played.settle()


@everywhere
def test_a_chain_of_addresses_moves_up_in_one_run(played: Arena) -> None:
    crowded(played)
    played.world.crm_do(EVERYBODY_MOVES_UP + ";" + ANN_IS_DELETED)
    assert played.run("changes")
    expected = in_the_crm(played)
    assert (len(expected), expected["Bob"], expected["P3"]) == (1 + len(CROWD), ADDRESS, OTHER_ADDRESS)
    assert held(played) == expected
    played.settle()


@everywhere
def test_addresses_go_around_in_one_run(played: Arena) -> None:
    before = crowded(played)
    played.world.crm_do(THE_LAST_IS_FIRST)
    assert played.run("changes")
    expected = in_the_crm(played)
    assert (expected["Ann"], expected["Bob"]) == (before["P10"], before["Ann"])
    assert held(played) == expected
    played.settle()


@everywhere
def test_two_trade_addresses_in_one_run(played: Arena) -> None:
    played.world.crm_do(TRADE_ADDRESSES)
    assert played.run("changes")
    assert held(played) == {"Ann": OTHER_ADDRESS, "Bob": ADDRESS}
    played.settle()


@pytest.mark.parametrize("arena", ["votervoice"], indirect=True)
@pytest.mark.parametrize("way", [ANN_IS_DELETED, ANN_LEAVES + ";" + ANN_HAS_NO_ADDRESS])
@pytest.mark.parametrize("is_later", [False, True])
def test_a_record_that_stays_there_without_a_list_keeps_the_address_from_nobody(
    way: str, is_later: bool, played: Arena
) -> None:
    played.standin.switch(delete_from_list="keeps")
    played.world.crm_do(way)
    if is_later:
        assert played.run("changes")
        assert held(played) == {"Bob": OTHER_ADDRESS}
    played.world.crm_do(BOB_TAKES_HER_ADDRESS)
    assert played.run("changes")
    assert held(played) == {"Bob": ADDRESS}
    played.settle()
