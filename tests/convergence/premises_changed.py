"""What a run rests on is changed under the pipeline: key, account, CRM or state database; with what must
be known of it to judge what the provider holds afterwards."""

from __future__ import annotations

from typing import Any

from convergence import images
from convergence.arena import Arena
from convergence.byhand import ByHand
from convergence.images import Image
from convergence.members import MemberArena
from local.world import facts


def empty(arena: Arena) -> None:
    """The provider holds nobody, and answers as a test needs it to."""
    arena.standin.reset()
    arena.take_first_key()
    if arena.provider.TUNED:
        arena.standin.switch(**arena.provider.TUNED)
    facts(arena.world.way).prepare(arena.standin, arena.world.client_state)


def lead_to_another_account(arena: Arena, name: str = "another") -> None:
    """An empty one. Whoever had left the one before, and was heard, stays out of this one."""
    empty(arena)
    switch, extra = arena.provider.ACCOUNT
    arena.standin.switch(**{switch: name})
    if extra:
        arena.world.extras = {**arena.world.extras, extra: name}
    arena.by_hand = ByHand(forgotten=_who_left(arena))
    arena.estranged = set()


def _who_left(arena: Arena) -> set[str]:
    left = "select subscriber_key from crm_sync.opt_out where provider = %s and lifted_at is null"
    return {subscriber_key for (subscriber_key,) in arena.world.query(left, arena.world.provider)}


def rotate_key(arena: Arena, key: str) -> None:
    """The account has another key, and so has the connection. (At Constant Contact the key is the application's.)"""
    if arena.provider.KEY_IS_THE_ACCOUNTS:
        arena.standin.switch(api_key=key)
        arena.world.key = key


def put_state_back(arenas: list[Arena], image: Image) -> None:
    """The state database is an earlier one: whoever came since, and leaves all lists before the next run, is a stranger
    to it, whoever was disabled for Do Not Contact may have left, and a list made since may be the marketers'."""
    images.put_back(arenas[0].world.state_dsn, image)
    for arena in arenas:
        runs = arena.world.query("select airflow_run_id from crm_sync.run where provider = %s", arena.world.provider)
        arena.asked = {name: asked for name, asked in arena.asked.items() if (name,) in runs}
        _estrange(arena)


def _estrange(arena: Arena) -> None:
    state = arena.standin.state()
    known = "select subscriber_key from crm_sync.holding where provider = %s and state <> 'absent'"
    ours = {subscriber_key for (subscriber_key,) in arena.world.query(known, arena.world.provider)}
    if isinstance(arena, MemberArena):
        arena.estranged |= {key for key, held in arena.provider.members(state).items() if key not in ours}
        return
    people: list[dict[str, Any]] = arena.provider.people(state)
    arena.by_hand.strangers |= {each["address"].lower() for each in people} - ours
    arena.by_hand.forgotten |= {each["address"].lower() for each in people if each["is_unsubscribed"]}
    named = "select lower(btrim(name)) from crm_sync.list_holding where provider = %s and remote_id is not null"
    lists = {name for (name,) in arena.world.query(named, arena.world.provider)}
    arena.by_hand.foreign_lists |= {name.casefold() for name in arena.provider.lists(state)} - lists
