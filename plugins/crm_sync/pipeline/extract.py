"""Reads from the CRM, in one snapshot, the synchronized lists and every contact that the run has to decide about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from crm_sync.ledger.made_columns import RowHash, RowObject
from crm_sync.ledger.store import close
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import brake, change_log, holding_back, selection
from crm_sync.pipeline.context import MOST_OF_SMALL, RunContext, begin_stage, end_stage, log, writing
from crm_sync.pipeline.fold import keep_answers

if TYPE_CHECKING:
    from datetime import datetime

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.questions import Question

# Where there is no daily comparison, one of a held plan is repeated as often.
_HOURS_OF_A_COMPARISON = 24.0
# Above this, one statement for everyone is cheaper than one for so many ids.
MOST_READ_ONE_BY_ONE = 50_000
INCLUDED_AGAIN = "a list is synchronized that the settings excluded until now: everyone is compared"
LIST_COLUMNS = ("list_id", "name", "kind")
_SUBSCRIBER = (
    "contact_id kind first_name last_name organization_name address subscriber_key do_not_contact lists flagged_lists"
)
_MEMBER = (
    _SUBSCRIBER + " job_title phone website address_line1 address_line2 city state postal_code country"
    " statuses is_related memberships organizations list_memberships"
)
# Audience → the columns that its query must return; its comment says what each is.
CONTACT_COLUMNS = {"subscribers": tuple(_SUBSCRIBER.split()), "members": tuple(_MEMBER.split())}
EVERYBODY: dict[str, Any] = {"contact_ids": None, "subscriber_keys": None}


def extract(ctx: RunContext) -> dict[str, int]:
    """Pipe lists and contacts from the CRM into the state database. Counts; "idle" is 1 where nothing is to be done.

    A column that an adapted query lacks is a BrokenExtractError, a CRM that goes away a TransientError, and another CRM
    than the one on which the run opened a PremiseError; the run's earlier rows stay as they were.
    """
    marker = None if ctx.run.dry_run else change_log.intend_marker(ctx)
    with writing(ctx) as state, ctx.crm.transaction(snapshot=True) as crm:
        keep_answers(ctx, state)
        begin_stage(ctx, state, "extract")
        state.run("extract/heed_doubts", provider=ctx.provider.name, now=ctx.now)
        here = _position(ctx, state, crm)
        lists = copy_lists(ctx, crm, state) if ctx.provider.has_lists else 0
        selection.select_lists(ctx, state, crm)
        _offer_room(ctx, state)
        anew = holding_back.note(ctx, state, crm)
        changed = _changed(ctx, state, crm, here)
        if changed is not None:
            changed += anew
        if _ends_as_held(ctx, state, crm, here):
            return {"idle": 1, "lists": lists, "contacts": 0}
        has_seen = ctx.run.mode is Mode.COMPARE or (ctx.source.compares and not here.rests)
        contacts = _everyone(ctx, state, crm) if changed is None else _some(ctx, state, crm, changed, has_seen=has_seen)
        holding_back.hold_back(ctx, state)
        selection.select_people(ctx, state, crm)
        end_stage(ctx, state, "extract")
        if contacts is None:
            close(state, ctx.run, RunState.IDLE)
            return {"idle": 1, "lists": lists, "contacts": 0}
        _note_read(ctx, state, here, marker if here.markers is not None else None)
        if not ctx.run.reads_everyone:
            state.run("extract/scope_extracted_subscribers", run_id=ctx.run.run_id)
    return {"idle": 0, "lists": lists, "contacts": contacts}


def _position(ctx: RunContext, state: Transaction, crm: Transaction) -> change_log.Here:
    """Where the CRM stands, which must be the one on which the run opened."""
    here = change_log.inspect(state, crm, ctx.provider.name, ctx.source)
    change_log.require_same(here, ctx)
    if not ctx.source.compares:
        return here
    if digest := change_log.rests_on(state, ctx, here):
        state.run("runs/add_notice", run_id=ctx.run.run_id, notice=change_log.RESTS)
        return replace(here, snapshot=digest, rests=True)
    began = monotonic()
    _look(ctx, state, crm)
    look = {"provider": ctx.provider.name, "digest": state.value("extract/seen_digest"), "now": ctx.now}
    state.run("extract/note_look", **look, seconds=monotonic() - began)
    return replace(here, snapshot=look["digest"])


def _note_read(ctx: RunContext, state: Transaction, here: change_log.Here, marker: str | None) -> None:
    """Record what the next read needs to know. The marker is written to the CRM after the snapshot is taken and before
    it counts here."""
    if marker is not None:
        change_log.leave_marker(ctx, state, marker)
        state.run("extract/note_read", provider=ctx.provider.name, marker=marker, markers=here.markers)
    read = {"snapshot": here.snapshot, "marker": marker, "log_installed": here.log_installed}
    state.run("extract/run_extracted", run_id=ctx.run.run_id, everyone=ctx.run.reads_everyone, **read)


def _ends_as_held(ctx: RunContext, state: Transaction, crm: Transaction, here: change_log.Here) -> bool:
    """Whether the brake holds a plan and nothing is new since the last run that it held: this one would send, and hold,
    the same."""
    if ctx.run.mode not in {Mode.CHANGES, Mode.COMPARE} or ctx.run.dry_run or ctx.run.allow_removals:
        return False
    question = brake.seen_while_held(ctx, state, here.crm_identity)
    if question is None or not _is_as_seen(ctx, crm, here, question):
        return False
    if ctx.run.mode is Mode.COMPARE and not _was_compared(ctx, state, here, question):
        return False
    key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id, "seen_run_id": question.seen_run_id}
    if state.value("extract/news_since_held", **key, now=ctx.now):
        return False
    brake.end_as_held(ctx, state, question)
    return True


def _is_as_seen(ctx: RunContext, crm: Transaction, here: change_log.Here, question: Question) -> bool:
    """Whether the CRM is as the last run that was held has read it."""
    if ctx.source.compares:
        return here.snapshot == question.seen_snapshot
    is_the_one = question.seen_marker in (here.markers or ())
    return is_the_one and _noted(crm, last_snapshot=question.seen_snapshot) == []


def _was_compared(ctx: RunContext, state: Transaction, here: change_log.Here, question: Question) -> bool:
    """Whether the last run that was held has compared everyone alike, within the time after which all are compared
    again anyway, and the change log tells what changed since."""
    since = ctx.now - timedelta(hours=ctx.settings.compare_after_hours or _HOURS_OF_A_COMPARISON)
    key = {"run_id": ctx.run.run_id, "seen_run_id": question.seen_run_id, "log_installed": here.log_installed}
    return bool(state.value("extract/compared_alike", **key, since=since))


def _some(ctx: RunContext, state: Transaction, crm: Transaction, changed: list[int], *, has_seen: bool) -> int | None:
    """The changed contacts with all who share an address with them, now or by the ledger; None where the
    run is idle. ``has_seen``: whether the run has compared everyone."""
    provider, run_id = ctx.provider.name, ctx.run.run_id
    retries = state.rows("extract/contacts_to_retry", provider=provider, now=ctx.now)
    subscriber_keys = state.rows("extract/subscribers_to_retry", provider=provider, now=ctx.now)
    lists_changed = state.value("extract/list_changes", provider=provider, run_id=run_id, now=ctx.now)
    if not (changed or retries or subscriber_keys or lists_changed or ctx.run.mode is Mode.COMPARE):
        return None
    if ctx.provider.people_wait_when:
        reasons = list(ctx.provider.people_wait_when)
        retries += state.rows("extract/contacts_waiting", provider=provider, reasons=reasons)
    contact_ids = changed + [row.contact_id for row in retries]
    if state.run("extract/scope_contacts", run_id=run_id, contact_ids=contact_ids) > MOST_OF_SMALL:
        state.run("extract/analyze_scope")
    state.run("extract/scope_ledger_subscribers", provider=provider, run_id=run_id, now=ctx.now)
    scope = state.row("extract/scope", run_id=run_id)
    asked = {"contact_ids": scope.contact_ids or [], "subscriber_keys": scope.subscriber_keys or []} if scope else {}
    copied = copy_contacts(ctx, crm, state, **asked) if scope else 0
    if has_seen:
        state.run("extract/unseen", run_id=run_id)
    return copied


def _everyone(ctx: RunContext, state: Transaction, crm: Transaction) -> int:
    ctx.run = replace(ctx.run, everyone=True)
    return copy_contacts(ctx, crm, state, **EVERYBODY) + _those_in_no_list(ctx, state, crm)


def _those_in_no_list(ctx: RunContext, state: Transaction, crm: Transaction) -> int:
    """People who are held and in no list any more: whether they refuse mail decides how they are disabled."""
    key = {"run_id": ctx.run.run_id}
    held = (
        state.rows("extract/held_unread", provider=ctx.provider.name, **key)
        if ctx.provider.heeds_do_not_contact
        else []
    )
    if not held:
        return 0
    contact_ids = [row.contact_id for row in held]
    name, columns = f"crm/extract/{ctx.provider.audience}", CONTACT_COLUMNS[ctx.provider.audience]
    asked = {"contact_ids": contact_ids, "subscriber_keys": []}
    copied = crm.copy_into(state, "crm_sync.extracted", name, columns, {**key, **_extra(ctx)}, **asked)
    return copied - state.run("extract/drop_read_twice", **key)


def _changed(ctx: RunContext, state: Transaction, crm: Transaction, here: change_log.Here) -> list[int] | None:
    """The contacts to read; None for everyone. A run of changes becomes one that compares if the changes can no
    longer be determined."""
    if ctx.run.mode is Mode.FULL:
        return None
    if ctx.run.mode is Mode.BACKFILL:
        return _noted(crm, since=ctx.run.since, until=ctx.run.until)
    if state.value("extract/includes_again", provider=ctx.provider.name, run_id=ctx.run.run_id):
        _compare_instead(ctx, state, INCLUDED_AGAIN)
        return None
    if ctx.run.mode is Mode.COMPARE:
        return _not_as_last_read(ctx, state, crm)
    return _since_last_read(ctx, state, crm, here)


def _since_last_read(ctx: RunContext, state: Transaction, crm: Transaction, here: change_log.Here) -> list[int] | None:
    """What a run of changes reads."""
    why = change_log.since_opening(state, crm, ctx, here)
    if why is None and ctx.source.compares:
        return [] if here.rests else _compared(ctx, state, crm)
    if why is None:
        cursor = state.row("runs/cursor", provider=ctx.provider.name)
        changed = _noted(crm, last_snapshot=cursor.snapshot if cursor else None)
        if changed is not None:
            return changed
    _compare_instead(ctx, state, why or change_log.EVERYTHING)
    return _not_as_last_read(ctx, state, crm)


def _not_as_last_read(ctx: RunContext, state: Transaction, crm: Transaction) -> list[int] | None:
    """The contacts that a comparing run must read; None for everyone. Only hashes leave the CRM, and a join compares
    them."""
    cursor = state.row("runs/cursor", provider=ctx.provider.name)
    if cursor is None or not cursor.is_whole or cursor.fingerprint != ctx.run.fingerprint:
        return None
    if not ctx.source.compares:
        _look(ctx, state, crm)
    rows = state.rows("extract/compare_reads", provider=ctx.provider.name)
    return None if len(rows) > MOST_READ_ONE_BY_ONE else [row.contact_id for row in rows]


def _compared(ctx: RunContext, state: Transaction, crm: Transaction) -> list[int] | None:
    """The changes since the last read, where the CRM has no log of them."""
    changed = _not_as_last_read(ctx, state, crm)
    if changed is None:
        _compare_instead(ctx, state, change_log.TOO_MUCH)
    return changed


def _look(ctx: RunContext, state: Transaction, crm: Transaction) -> None:
    """Read a hash of everyone."""
    columns = (*CONTACT_COLUMNS[ctx.provider.audience], *ctx.provider.further_columns)
    told = {"row_hash": _row_hash(ctx)}
    state.run("extract/begin_compare")
    name, copied = f"crm/extract/{ctx.provider.audience}", ["contact_id"]
    crm.copy_into(state, "pg_temp.seen", name, columns, told, copied=copied, **EVERYBODY)
    if ctx.provider.heeds_do_not_contact and (held := state.rows("extract/held_unseen", provider=ctx.provider.name)):
        some = {"contact_ids": [row.contact_id for row in held], "subscriber_keys": []}
        crm.copy_into(state, "pg_temp.seen", name, columns, told, copied=copied, **some)


def _noted(
    crm: Transaction,
    last_snapshot: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[int] | None:
    """The contacts that the change log names; None for everyone."""
    rows = crm.rows("crm/extract/changed_contacts", last_snapshot=last_snapshot, since=since, until=until)
    contact_ids = [row.contact_id for row in rows]
    return None if None in contact_ids else contact_ids


def _compare_instead(ctx: RunContext, state: Transaction, why: str) -> None:
    log.info("this run is %s: %s", Mode.COMPARE.value, why)
    state.run("extract/compare_instead", run_id=ctx.run.run_id)
    state.run("runs/add_notice", run_id=ctx.run.run_id, notice=why)
    ctx.run = replace(ctx.run, mode=Mode.COMPARE)


def copy_lists(ctx: RunContext, crm: Transaction, state: Transaction) -> int:
    """Pipe the synchronized lists from the CRM; how many."""
    whose = {"run_id": ctx.run.run_id}
    return crm.copy_into(state, "crm_sync.extracted_list", "crm/extract/lists", LIST_COLUMNS, whose)


def _offer_room(ctx: RunContext, state: Transaction) -> None:
    """Retry a list for which the provider had no room, with its people, in the run that deletes another list."""
    reasons = list(ctx.provider.lists_wait_when)
    if reasons:
        whose = {"provider": ctx.provider.name, "run_id": ctx.run.run_id, "now": ctx.now}
        state.run("extract/offer_room", **whose, reasons=reasons)


def copy_contacts(ctx: RunContext, crm: Transaction, state: Transaction, **asked: Any) -> int:
    """Pipe contacts from the CRM, those that the parameters of its extract ask for; how many."""
    audience = ctx.provider.audience
    columns = CONTACT_COLUMNS[audience]
    told = {"run_id": ctx.run.run_id, "row_hash": _row_hash(ctx), **_extra(ctx)}
    name, needed = f"crm/extract/{audience}", (*columns, *ctx.provider.further_columns)
    return crm.copy_into(state, "crm_sync.extracted", name, needed, told, copied=columns, **asked)


def _row_hash(ctx: RunContext) -> RowHash:
    return RowHash((*CONTACT_COLUMNS[ctx.provider.audience], *ctx.provider.further_columns), ctx.run.fingerprint)


def _extra(ctx: RunContext) -> dict[str, Any]:
    """The columns that only fields of the settings need, as one."""
    further = ctx.provider.further_columns
    return {"extra": RowObject(tuple(further))} if further else {}
