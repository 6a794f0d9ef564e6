"""Which lists a run handles, and which people a pilot admits by list or domain: lists that the settings exclude stay at
the provider as they are. It loads no pandas, since a run with nothing to do needs none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crm_sync.settings import KIND, Pilot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext
    from crm_sync.settings import OfProvider


def select_lists(ctx: RunContext, state: Transaction, crm: Transaction) -> None:
    """Apply the settings to the lists that were extracted."""
    rows = _lists(ctx, crm)
    key = {"run_id": ctx.run.run_id}
    doomed = _to_delete(ctx.own, rows)
    if doomed:
        state.run("extract/drop_lists", **key, list_ids=doomed)
    if left_out := excluded(ctx.own, rows):
        state.run("extract/exclude_lists", **key, list_ids=left_out)
    if rows and not ctx.own.lists.delete_excluded:
        _exclude_ended(ctx, state, rows)
    if unknown := _unknown(ctx.own, rows):
        notice = f"the settings name lists that the CRM does not synchronize: {', '.join(unknown)}"
        state.run("runs/add_notice", **key, notice=notice)


def select_people(ctx: RunContext, state: Transaction, crm: Transaction) -> None:
    """Apply the settings to the contacts that were extracted."""
    own, rows = ctx.own, _lists(ctx, crm)
    key = {"run_id": ctx.run.run_id}
    if own.pilot.is_on:
        domains = [each.strip().lower() for each in own.pilot.domains or ()] or None
        lists = named(own.pilot.lists, rows) if own.pilot.lists else None
        state.run("extract/note_outside_pilot", **key, provider=ctx.provider.name, lists=lists, domains=domains)
    doomed, whose = _to_delete(own, rows), {**key, "provider": ctx.provider.name}
    if doomed:
        state.run("extract/leave_out_lists", **whose, deletes=True, list_ids=doomed)
    if left_out := [each for each in excluded(own, rows) if each not in doomed]:
        state.run("extract/leave_out_lists", **whose, deletes=False, list_ids=left_out)


def _to_delete(own: OfProvider, rows: Iterable[Any]) -> list[int]:
    """The lists that are to be deleted at the provider: those that a pilot alone leaves out are not."""
    return excluded(replace(own, pilot=Pilot()), rows) if own.lists.delete_excluded else []


def _exclude_ended(ctx: RunContext, state: Transaction, rows: Iterable[Any]) -> None:
    """A list that the settings exclude stays, even if it ended in the CRM before a run saw that they do."""
    there = {row.list_id for row in rows}
    known = state.rows("extract/lists_of_ledger", provider=ctx.provider.name)
    ended = [row for row in known if row.list_id not in there]
    if left_out := [row.list_id for row in ended if any(_is_one(row, each) for each in ctx.own.lists.exclude)]:
        state.run("extract/exclude_ended", provider=ctx.provider.name, list_ids=left_out)


def _lists(ctx: RunContext, crm: Transaction) -> list[Any]:
    """The lists of the CRM, if the settings speak of any."""
    return list(crm.rows("crm/extract/lists")) if ctx.own.rules else []


def excluded(own: OfProvider, rows: Iterable[Any]) -> list[int]:
    """The ids of lists (rows with list_id, name, kind) that are not synchronized with the provider."""
    taken = [own.lists.include, own.pilot.lists]
    return [
        row.list_id
        for row in rows
        if any(_is_one(row, each) for each in own.lists.exclude)
        or any(some is not None and not any(_is_one(row, each) for each in some) for some in taken)
    ]


def named(which: Collection[int | str], rows: Iterable[Any]) -> list[int]:
    """The ids of lists by id, name or kind."""
    return [row.list_id for row in rows if any(_is_one(row, each) for each in which)]


def _is_one(row: Any, which: int | str) -> bool:
    text = str(which).strip()
    if text.startswith(KIND):
        return bool(row.kind == text.removeprefix(KIND))
    return text == str(row.list_id) or text.casefold() == row.name.strip().casefold()


def _unknown(own: OfProvider, rows: Sequence[Any]) -> list[str]:
    """Names and ids in the settings that no list has."""
    which = (*(own.lists.include or ()), *own.lists.exclude, *(own.pilot.lists or ()))
    return [str(each) for each in which if not str(each).startswith(KIND) and not named([each], rows)]
