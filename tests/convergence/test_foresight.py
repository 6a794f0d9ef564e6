"""What Why? says that a run would do, a run does: over random people, at each provider."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from convergence.arena import Arena
from convergence.association import CHANGES
from convergence.conftest import everywhere, seed
from convergence.memberships import MEMBER_CHANGES
from convergence.two_people import settle_in
from crm_sync.pipeline.begin import unopened
from crm_sync.pipeline.foresight import Foreseen, foresee
from crm_sync.settings import OfProvider, Selection

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROUNDS = 8
# Turn → the lists that the settings exclude from then on.
LEFT_OUT: dict[int, Any] = {2: (1,), 4: (2,), 6: ()}
NOT_AS_PLANNED = """
    select contact_id, subscriber_key from crm_sync.operation
    where run_id = (select max(run_id) from crm_sync.run where provider = %(provider)s) and status <> 'applied'
"""
HELD = """
    select state, lists from crm_sync.holding
    where provider = %(provider)s and state = 'active'
      and (subscriber_key = %(key)s or contact_ids = array[%(who)s::bigint])
"""


def foreseen(arena: Arena, contact_id: int) -> Foreseen:
    run = replace(unopened(arena.world.provider), do_not_contact_scope=arena.world.settings.do_not_contact_scope)
    return foresee(arena.world.context(run), contact_id)


def ask(arena: Arena, text: str, **parameters: Any) -> list[Any]:
    with arena.world.state.engine.connect() as connection:
        return [
            tuple(row) for row in connection.exec_driver_sql(text, {"provider": arena.world.provider, **parameters})
        ]


def held(arena: Arena, contact_id: int, key: str | None) -> tuple[bool, frozenset[int]]:
    """Whether the ledger has the contact active, and in which lists."""
    rows = ask(arena, HELD, who=contact_id, key=key)
    return bool(rows), frozenset(each for _, lists in rows for each in lists)


def everybody(arena: Arena) -> list[int]:
    """Whom the CRM or the ledger knows."""
    there = {who for (who,) in arena.world.crm_do("select contact_id from crm.contact")}
    return sorted(there | {who for (who,) in ask(arena, "select unnest(contact_ids) from crm_sync.holding")})


def by_hand(arena: Arena, draws: random.Random) -> None:
    """People change their address there, and opt out; a run hears of it."""
    arena.by_hand.readdress(arena, draws.randint(0, 19), draws.randint(8, 19))
    arena.by_hand.leave(arena, draws.randint(0, 19), "leave")
    assert arena.run("full")


def transact(arena: Arena, draws: random.Random, *names: str) -> None:
    """Random changes, each of its own: those named, or a few of any kind."""
    for name in names or draws.choices(sorted({**CHANGES, **MEMBER_CHANGES}), k=draws.randint(1, 5)):
        with arena.association.connect() as connection, connection.cursor() as cursor:
            arena.association.change(cursor, name, (draws.randint(0, 19), draws.randint(0, 19), draws.randint(0, 19)))


@everywhere
def test_a_run_does_what_was_foreseen(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    arena.reset()
    monkeypatch.setattr(arena.world, "settings", arena.world.settings)
    draws, compared, changed = random.Random(seed()), 0, 0
    transact(arena, draws, "add_list", "add_list", *["add_contact"] * 6, *["start_membership"] * 4)
    assert arena.run("changes")
    for turn in range(ROUNDS):
        if turn % 3 == 2:
            by_hand(arena, draws)
        if turn in LEFT_OUT:
            own = OfProvider(lists=Selection(exclude=LEFT_OUT[turn]))
            arena.world.settings = replace(arena.world.settings, providers={arena.world.provider: own})
        transact(arena, draws)
        people = everybody(arena)
        before = {who: held(arena, who, None) for who in people}
        told = {who: foreseen(arena, who) for who in people}
        assert arena.run("changes")
        odd = ask(arena, NOT_AS_PLANNED)
        for who, each in told.items():
            if any(who == contact_id or each.subscriber_key == key for contact_id, key in odd):
                continue
            found = held(arena, who, each.subscriber_key)
            expected = each.after.is_active, each.after.lists
            assert found[0] == expected[0], (who, each)
            if arena.world.context(unopened(arena.world.provider)).provider.has_lists:
                assert found[1] == expected[1], (who, each)
            compared, changed = compared + 1, changed + (found != before[who])
    assert compared > ROUNDS
    assert changed > 0


@everywhere
def test_nothing_of_it_is_kept(arena: Arena) -> None:
    arena.reset()
    settle_in(arena.association)
    assert arena.run("changes")
    count = "select (select count(*) from crm_sync.run), (select count(*) from crm_sync.extracted where run_id < 0)"
    before = ask(arena, count)
    arena.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 1")
    assert foreseen(arena, 1).is_in_crm
    assert ask(arena, count) == before
