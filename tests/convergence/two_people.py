"""How every told history begins, and what may befall its two people: Ann is in the first list, Bob in the second."""

from __future__ import annotations

from typing import Any

import psycopg

from convergence.arena import Arena
from convergence.association import Association
from convergence.byhand import SECONDS_PER_DEED
from convergence.members import MemberArena

ADDRESS, OTHER_ADDRESS, NEW_ADDRESS = "ann@example.org", "bob@example.org", "ann.new@example.org"
_LISTS = "insert into crm.list (list_id, name, sync_enabled) values (1, 'News', true), (2, 'Board', true)"

# What happens in the CRM. Whom a provider holds as members it holds by their membership, the others by their list.
ANN_LEAVES = """
    delete from crm.list_member where contact_id = 1;
    update crm.membership set status = 'dropped' where contact_id = 1
"""
ANN_IS_BACK = """
    insert into crm.list_member (list_id, contact_id) values (1, 1);
    update crm.membership set status = 'active' where contact_id = 1
"""
ANN_REFUSES_MAIL = "update crm.contact set do_not_contact = true where contact_id = 1"
BOB_IS_CALLED_OTHERWISE = "update crm.contact set first_name = 'Bobby' where contact_id = 2"
ANN_MOVES = f"update crm.email_address set address = '{NEW_ADDRESS}' where contact_id = 1"
TRADE_ADDRESSES = """
    update crm.email_address as e set address = o.address from crm.email_address as o
    where e.contact_id + o.contact_id = 3
"""
TRADE_NAMES = "update crm.list as l set name = o.name from crm.list as o where l.list_id + o.list_id = 3"


def settle_in(association: Association) -> None:
    """Two synchronized lists, a person and a kind of membership, in a CRM that is empty."""
    with psycopg.connect(association.dsn) as connection:
        connection.execute(_LISTS)
        connection.execute("insert into crm.membership_type (membership_type_id, name) values (1, 'Regular')")
        for number, (name, address) in enumerate([("Ann", ADDRESS), ("Bob", OTHER_ADDRESS)], start=1):
            add_person(connection, number, name, address, list_id=number)


def add_person(connection: psycopg.Connection[Any], contact_id: int, name: str, address: str, *, list_id: int) -> None:
    """An individual with a primary address and an active membership, in one list."""
    connection.execute("insert into crm.contact (contact_id, first_name) values (%s, %s)", (contact_id, name))
    connection.execute(
        "insert into crm.email_address (contact_id, address, is_primary) values (%s, %s, true)", (contact_id, address)
    )
    connection.execute(
        "insert into crm.membership (contact_id, membership_type_id, status, started_on)"
        " values (%s, 1, 'active', '2026-01-01')",
        (contact_id,),
    )
    connection.execute("insert into crm.list_member (list_id, contact_id) values (%s, %s)", (list_id, contact_id))


# -- at the provider


def person(arena: Arena, address: str) -> dict[str, Any]:
    """The subscriber with that address; StopIteration where there never was one."""
    people = arena.provider.people(arena.standin.state())
    return next(each for each in people if each["address"].lower() == address)


def names_held(arena: Arena) -> set[str]:
    """The first names of all whom the provider holds: who are subscribed, or members, there."""
    state = arena.standin.state()
    if isinstance(arena, MemberArena):
        return {each["names"][0] for each in arena.provider.members(state).values() if each["is_held"]}
    return {each["names"][0] for each in arena.provider.people(state) if each["is_subscribed"]}


def subscribed(arena: Arena) -> set[str]:
    """The addresses that get mail."""
    people = arena.provider.people(arena.standin.state())
    return {each["address"].lower() for each in people if each["is_subscribed"]}


def do_by_hand(arena: Arena, how: str, address: str) -> None:
    """Somebody does that at the provider, long after the last poll."""
    arena.standin.clock(advance_seconds=SECONDS_PER_DEED)
    arena.standin.act(arena.provider.BY_HAND[how], address=address)


def writes(arena: Arena) -> dict[str, int]:
    """The calls, by route, that were to change something there since the log was cleared."""
    routes = arena.standin.requests(entries=0)["by_route"]
    return {route: count for route, count in routes.items() if not route.startswith("GET")}


def lose_the_answers(arena: Arena, change: str) -> None:
    """A change reaches the provider, but not its answer, nor any other; the bad weather lasts."""
    arena.world.crm_do(change)
    arena.is_stormy = True
    arena.standin.fault("cut_after", times=1, path_regex="^(?!.*status=)", method="POST")
    for method in ("PUT", "PATCH", "DELETE"):
        arena.standin.fault("cut_after", times=1, method=method)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        arena.standin.fault("cut_before", method=method)
    assert not arena.run("changes")


def clear_the_weather(arena: Arena) -> None:
    """Every call is answered from now on."""
    arena.standin.clear_faults()
    arena.is_stormy = False
