"""What a provider holds in a further field, compared with the column of the CRM that fills it."""

from __future__ import annotations

import re

from convergence import members
from convergence.arena import Arena
from convergence.members import MemberArena
from local.world import facts


def fields_that_differ(arena: Arena, name: str, column: str) -> dict[str, tuple[str, str]]:
    """subscriber_key → what is there and what should be, of individuals who are there and of whom nothing else is to be
    said."""
    there = facts(arena.world.way).further(arena.standin.state())
    wanted = _of_members(arena, column) if isinstance(arena, MemberArena) else _of_subscribers(arena, column)
    held = {who: str(there[who].get(name, "")) for who in wanted if who in there}
    return {who: (value, wanted[who]) for who, value in held.items() if value != wanted[who]}


def _of_subscribers(arena: Arena, column: str) -> dict[str, str]:
    """Of addresses of one contact alone, which nobody chose at the provider."""
    people = {each["address"].lower() for each in arena.provider.people(arena.standin.state()) if each["is_subscribed"]}
    doubtful = {address for pair in arena.by_hand.chosen.values() for address in pair} | _excused(
        arena, "subscriber_key"
    )
    return {
        key: _one_line(getattr(wish.good_ones[0], column))
        for key, wish in arena.truth().wishes.items()
        if key in people - doubtful and len(wish.good_ones) == 1 and wish.may_lists
        if not wish.bad_ones and not wish.is_refused and wish.good_ones[0].kind != "organization"
    }


def _of_members(arena: Arena, column: str) -> dict[str, str]:
    people = members.read(arena.association.dsn)
    excused = _excused(arena, "contact_id")
    return {
        str(person.contact_id): _one_line(getattr(person, column))
        for person in people.values()
        if person.kind != "organization" and str(person.contact_id) not in excused
        if arena.provider.wanted(person, people, arena.world.way) is not None
    }


def _excused(arena: Arena, column: str) -> set[str]:
    rows = arena.world.query(
        f"select {column} from crm_sync.exceptions where provider = %s and {column} is not null", arena.world.provider
    )
    return {str(who) for (who,) in rows}


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text).split())
