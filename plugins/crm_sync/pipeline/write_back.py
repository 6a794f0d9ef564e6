"""Writes opt-outs to the CRM. Those that the CRM rejects are kept and retried by each run, and do not stop the others.

What the CRM refuses is found by halving, each part in its own transaction. Where it refuses even a statement about
nobody, nothing follows a person: the CRM is away, or a right is missing, and the error is that of the stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from crm_sync.errors import CrmSyncError
from crm_sync.ledger.sql_errors import code_behind
from crm_sync.pipeline.context import RunContext, log, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.opt_out_writer import OptOutWriter

PEOPLE_AT_ONCE = 10_000
MOST_PARTS = 256  # that finding what the CRM refuses may cost
_MOST_FAILURES = 64  # of what it refused before, after which the rest is left for the next run
# For a row that somebody has locked: for all of them at first, then for each part that is tried.
_PATIENCE_MS, _PATIENCE_WITH_A_PART_MS = 10_000, 1_000
NOT_KEPT = "crm_did_not_keep_it"  # no error, and yet the flag is not there
_LOCKED = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


class Behind(NamedTuple):
    """A contact behind an opt-out, None where none is known; ``address``: who else it may speak of, or None."""

    subscriber_key: str
    contact_id: int | None
    address: str | None


class Flag(NamedTuple):
    """Do Not Contact on a membership, for the opt-out of ``subscriber_key``."""

    subscriber_key: str
    contact_id: int
    list_id: int


@dataclass
class _Budget:
    """How many parts may still be tried."""

    parts: int = MOST_PARTS


_Refusals = dict[Flag, str]
_FAILURES = (CrmSyncError, RuntimeError)


def write_back(ctx: RunContext) -> int:
    """Set Do Not Contact for every opt-out that the CRM does not have yet. Returns how many memberships changed. Safe
    to repeat."""
    return _tell_again(ctx) + tell_news(ctx)


def tell_news(ctx: RunContext) -> int:
    """The same, for those only that were not written before.

    Whose opt-out it is the ledger knows: in the CRM they may have another address by now, and another person theirs.
    """
    changed, after, budget = 0, "", _Budget()
    while people := _unwritten(ctx, after):
        changed += _tell(ctx, people, budget, _PATIENCE_MS)
        after = people[-1].subscriber_key
    return changed


def concerned(crm: Transaction, audience: str, people: Sequence[Behind]) -> list[tuple[str, Any]]:
    """The contacts that opt-outs concern, as crm/write_back/set_do_not_contact finds them: subscriber_key, contact."""
    if not people:
        return []
    key_of = {each.contact_id: each.subscriber_key for each in people if each.contact_id is not None}
    addresses = {each.address for each in people if each.address}
    rows = crm.rows(f"crm/extract/{audience}", contact_ids=list(key_of), subscriber_keys=list(addresses))
    there = {row.contact_id for row in rows}
    known = {each.address for each in people if each.contact_id in there}
    own = [(key_of[row.contact_id], row) for row in rows if row.contact_id in key_of]
    return own + [
        (row.subscriber_key, row)
        for row in rows
        if row.contact_id not in key_of and row.subscriber_key in addresses and row.subscriber_key not in known
    ]


def _unwritten(ctx: RunContext, after: str) -> list[Behind]:
    with ctx.state.transaction() as state:
        whose = {"provider": ctx.provider.name, "after": after, "limit": PEOPLE_AT_ONCE}
        return [Behind(*row) for row in state.rows("opt_outs/opt_outs_to_write", **whose)]


def _tell(ctx: RunContext, people: list[Behind], budget: _Budget, milliseconds: int) -> int:
    try:
        changed, left = _write(ctx, people, milliseconds)
    except _FAILURES as error:
        _require_it_takes_anybody(ctx, error)
        return _tell_parts(ctx, people, budget, error)
    _keep(ctx, {each.subscriber_key for each in people} - {flag.subscriber_key for flag in _unread(ctx, people)}, left)
    return changed


def _tell_parts(ctx: RunContext, people: list[Behind], budget: _Budget, error: Exception) -> int:
    groups = [list(rows) for _, rows in groupby(people, attrgetter("subscriber_key"))]
    if len(groups) == 1:
        return _tell_of_one(ctx, people, error)
    if budget.parts < 2:
        log.warning("%d opt-outs are left for the next run: enough partial updates were tried", len(groups))
        return 0
    budget.parts -= 2
    middle = len(groups) // 2
    halves = [list(chain.from_iterable(half)) for half in (groups[:middle], groups[middle:])]
    return sum(_tell(ctx, half, budget, _PATIENCE_WITH_A_PART_MS) for half in halves)


def _tell_of_one(ctx: RunContext, people: list[Behind], error: Exception) -> int:
    """Set the flag on one membership after the other, for a person for whom it failed on all at once."""
    with ctx.crm_for_opt_outs.transaction() as crm:
        flags = _unset(concerned(crm, ctx.provider.audience, people))
    if not flags:
        raise error
    refused: _Refusals = {}
    for flag in flags:
        reason = _set(ctx, flag)
        if reason:
            refused[flag] = reason
    log.warning("the CRM rejected %d of the %d flags of an opt-out", len(refused), len(flags))
    _keep(ctx, {people[0].subscriber_key}, refused)
    return len(flags) - len(refused)


def _tell_again(ctx: RunContext) -> int:
    with ctx.state.transaction() as state:
        flags = [Flag(*row) for row in state.rows("opt_outs/unwritten_to_try", provider=ctx.provider.name)]
    refused: _Refusals = {}
    written = 0
    for flag in flags:
        if len(refused) >= _MOST_FAILURES:
            break
        reason = _set(ctx, flag)
        if reason:
            refused[flag] = reason
            continue
        written += 1
        with writing(ctx) as state:
            state.run("opt_outs/unwritten_is_written", provider=ctx.provider.name, **flag._asdict())
    _keep(ctx, set(), refused)
    return written


def _write(ctx: RunContext, people: list[Behind], milliseconds: int) -> tuple[int, _Refusals]:
    """How many memberships were newly set, and those that are not, though the CRM met no error."""
    if ctx.connect_writer is not None:
        return _write_by_api(ctx, ctx.connect_writer(), people)
    contacts, addresses = [each.contact_id for each in people], [each.address for each in people]
    with ctx.crm_for_opt_outs.transaction() as crm:
        crm.rows("crm/write_back/wait_for_locks", milliseconds=milliseconds)
        changed = len(crm.rows("crm/write_back/set_do_not_contact", contact_ids=contacts, subscriber_keys=addresses))
        left = _unset(concerned(crm, ctx.provider.audience, people))
    return changed, dict.fromkeys(left, NOT_KEPT)


def _write_by_api(ctx: RunContext, writer: OptOutWriter, people: list[Behind]) -> tuple[int, _Refusals]:
    """The same. What the API has done is read in the database, since its answer says less."""
    before = _still_unset(ctx, people)
    writer.refuse([(flag.contact_id, flag.list_id) for flag in before])
    left = _still_unset(ctx, people)
    return len(before) - len(left), dict.fromkeys(left, NOT_KEPT)


def _still_unset(ctx: RunContext, people: list[Behind]) -> list[Flag]:
    with ctx.crm_for_opt_outs.transaction() as crm:
        return _unset(concerned(crm, ctx.provider.audience, people))


def _unread(ctx: RunContext, people: list[Behind]) -> list[Flag]:
    """Flags that are not yet where the CRM is read, a replica that lags. They count as written once they are there."""
    if ctx.crm_for_opt_outs is ctx.crm:
        return []
    with ctx.crm.transaction() as crm:
        return _unset(concerned(crm, ctx.provider.audience, people))


def _set(ctx: RunContext, flag: Flag) -> str:
    """Set one flag. Returns "", or the reason why it could not be set."""
    try:
        _set_one(ctx, flag)
        behind = [Behind(flag.subscriber_key, flag.contact_id, None)]
        is_kept = flag not in [*_still_unset(ctx, behind), *_unread(ctx, behind)]
    except _FAILURES as error:
        _require_it_takes_anybody(ctx, error)
        code = code_behind(error) or "api"
        return "crm_locked" if code == _LOCKED else f"crm_refused:{code}"
    return "" if is_kept else NOT_KEPT


def _set_one(ctx: RunContext, flag: Flag) -> None:
    if ctx.connect_writer is not None:
        ctx.connect_writer().refuse([(flag.contact_id, flag.list_id)])
        return
    whose = {"contact_id": flag.contact_id, "list_id": flag.list_id}
    with ctx.crm_for_opt_outs.transaction() as crm:
        crm.rows("crm/write_back/wait_for_locks", milliseconds=_PATIENCE_WITH_A_PART_MS)
        crm.rows("crm/write_back/set_do_not_contact_in_list", **whose)


def _unset(contacts: list[tuple[str, Any]]) -> list[Flag]:
    return [
        Flag(subscriber_key, contact.contact_id, list_id)
        for subscriber_key, contact in contacts
        if not contact.do_not_contact
        for list_id in contact.lists
        if list_id not in contact.flagged_lists
    ]


def _require_it_takes_anybody(ctx: RunContext, error: Exception) -> None:
    """Raise ``error`` if the CRM refuses even a statement that affects nobody."""
    try:
        _write(ctx, [], _PATIENCE_WITH_A_PART_MS)
    except _FAILURES:
        raise error from None


def _keep(ctx: RunContext, people: set[str], refused: _Refusals) -> None:
    """Keep the flags that the CRM refused; people without one are written."""
    written = people - {flag.subscriber_key for flag in refused}
    with writing(ctx) as state:
        if refused:
            subscriber_keys, contacts, lists = zip(*refused, strict=True)
            columns = {"subscriber_keys": list(subscriber_keys), "contact_ids": list(contacts), "list_ids": list(lists)}
            reasons = list(refused.values())
            state.run("opt_outs/keep_unwritten", provider=ctx.provider.name, **columns, reasons=reasons)
        if written:
            state.run("opt_outs/opt_outs_written", provider=ctx.provider.name, subscriber_keys=list(written))
