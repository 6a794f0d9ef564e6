"""What may befall somebody who changes their own address at the provider, in the words of the told histories."""

from __future__ import annotations

from typing import Any

from convergence.arena import Arena
from convergence.two_people import ADDRESS

PRIVATE = "ann.private@example.org"
THIRD = "ann.third@example.org"


def readdress(arena: Arena, address: str = ADDRESS, to: str = PRIVATE) -> None:
    """Somebody has another address there from now on, long after the last poll."""
    arena.by_hand.readdress_at(arena, address, to)


def moves(arena: Arena, to: str, contact_id: int = 1) -> None:
    """The CRM has another address of somebody."""
    arena.world.crm_do("update crm.email_address set address = %s where contact_id = %s", to, contact_id)


def identities(arena: Arena) -> dict[str, Any]:
    """Address → the identity there, of all who are there in whatever state."""
    people = arena.provider.people(arena.standin.state())
    return {each["address"].lower(): each["identity"] for each in people}


def lists_of(arena: Arena, address: str) -> set[str]:
    """The lists there that somebody is in."""
    people = arena.provider.people(arena.standin.state())
    return next(each["lists"] for each in people if each["address"].lower() == address)


def is_archived(arena: Arena, address: str) -> bool:
    """Whether somebody is archived, or deleted, there."""
    people = arena.provider.people(arena.standin.state())
    return next(bool(each["is_archived"]) for each in people if each["address"].lower() == address)


def reasons(arena: Arena) -> dict[str, str]:
    """Subject → why the ledger says that it is an exception."""
    rows = arena.world.query("select subscriber_key, reason from crm_sync.exceptions where subscriber_key is not null")
    return dict(rows)
