"""Reads from the CRM, in one snapshot, the synchronized lists and every contact that the run has to decide about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_sync.database import hash_of
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import brake, holding_back, trust
from crm_sync.pipeline.record import keep_answers
from crm_sync.pipeline.sync import MOST_OF_SMALL, Sync, begin_stage, end_stage, log, writing
from crm_sync.store import close

if TYPE_CHECKING:
    from datetime import datetime

    from crm_sync.database import Transaction
    from crm_sync.pipeline.questions import Question

# Where there is no daily comparison, one of a held plan is repeated as often.
_HOURS_OF_A_COMPARISON = 24.0
# Above this, one statement for everybody is cheaper than one for so many ids.
MOST_READ_ONE_BY_ONE = 50_000
LIST_COLUMNS = ("list_id", "name", "kind")
_SUBSCRIBER = (
    "contact_id kind first_name last_name organization_name address subject do_not_contact lists flagged_lists"
)
_MEMBER = (
    _SUBSCRIBER + " job_title phone website address_line1 address_line2 city state postal_code country"
    " statuses is_related memberships organizations list_memberships"
)
# Audience → the columns that its query must return; its comment says what each is.
CONTACT_COLUMNS = {"subscribers": tuple(_SUBSCRIBER.split()), "members": tuple(_MEMBER.split())}
EVERYBODY: dict[str, Any] = {"contact_ids": None, "subjects": None}


def extract(sync: Sync) -> dict[str, int]:
    """Pipe lists and contacts from the CRM into the state database. Counts; "idle" is 1 where nothing is to be done.

    A column that an adapted query lacks is a BrokenExtractError, a CRM that goes away a TransientError, and another CRM
    than the one on which the run opened a PremiseError; the run's earlier rows stay as they were.
    """
    marker = None if sync.run.dry_run else trust.intend_marker(sync)
    with writing(sync) as state, sync.crm.transaction(snapshot=True) as crm:
        keep_answers(sync, state)
        begin_stage(sync, state, "extract")
        state.run("extract/heed_doubts", provider=sync.provider.name, now=sync.now)
        here = trust.look(state, crm, sync.provider.name)
        trust.require_same(here, sync)
        lists = _copy_lists(sync, crm, state) if sync.provider.has_lists else 0
        _offer_room(sync, state)
        anew = holding_back.note(sync, state, crm)
        changed = _changed(sync, state, crm, here)
        if changed is not None:
            changed += anew
        if _ends_as_held(sync, state, crm, here):
            return {"idle": 1, "lists": lists, "contacts": 0}
        contacts = _everyone(sync, state, crm) if changed is None else _some(sync, state, crm, changed)
        holding_back.hold_back(sync, state)
        end_stage(sync, state, "extract")
        if contacts is None:
            close(state, sync.run, RunState.IDLE)
            return {"idle": 1, "lists": lists, "contacts": 0}
        _note_read(sync, state, here, marker if here.markers is not None else None)
        if not sync.run.reads_everyone:
            state.run("extract/scope_extracted_subjects", run_id=sync.run.run_id)
    return {"idle": 0, "lists": lists, "contacts": contacts}


def _note_read(sync: Sync, state: Transaction, here: trust.Here, marker: str | None) -> None:
    """What the next read must know. The marker is in the CRM after the snapshot, and before it counts here."""
    if marker is not None:
        trust.leave_marker(sync, state, marker)
        state.run("extract/note_read", provider=sync.provider.name, marker=marker, markers=here.markers)
    read = {"snapshot": here.snapshot, "marker": marker, "log_installed": here.log_installed}
    state.run("extract/run_extracted", run_id=sync.run.run_id, everyone=sync.run.reads_everyone, **read)


def _ends_as_held(sync: Sync, state: Transaction, crm: Transaction, here: trust.Here) -> bool:
    """Whether the brake holds a plan and nothing is new since the last run that it held: this one would send, and hold,
    the same."""
    if sync.run.mode not in {Mode.CHANGES, Mode.COMPARE} or sync.run.dry_run or sync.run.allow_removals:
        return False
    question = brake.seen_while_held(sync, state, here.crm_identity)
    if question is None or question.seen_marker not in (here.markers or ()):
        return False
    if sync.run.mode is Mode.COMPARE and not _was_compared(sync, state, here, question):
        return False
    key = {"provider": sync.provider.name, "run_id": sync.run.run_id, "seen_run_id": question.seen_run_id}
    if _noted(crm, last_snapshot=question.seen_snapshot) != []:
        return False
    if state.value("extract/news_since_held", **key, now=sync.now):
        return False
    brake.end_as_held(sync, state, question)
    return True


def _was_compared(sync: Sync, state: Transaction, here: trust.Here, question: Question) -> bool:
    """Whether the last run that was held has compared everybody alike, within the time after which all are compared
    again anyway, and the change log tells what changed since."""
    since = sync.now - timedelta(hours=sync.settings.compare_after_hours or _HOURS_OF_A_COMPARISON)
    key = {"run_id": sync.run.run_id, "seen_run_id": question.seen_run_id, "log_installed": here.log_installed}
    return bool(state.value("extract/compared_alike", **key, since=since))


def _some(sync: Sync, state: Transaction, crm: Transaction, changed: list[int]) -> int | None:
    """The changed contacts with all who share an address with them, now or by the ledger; None where the run is
    idle."""
    provider, run_id = sync.provider.name, sync.run.run_id
    retries = state.rows("extract/contacts_to_retry", provider=provider, now=sync.now)
    subjects = state.rows("extract/subjects_to_retry", provider=provider, now=sync.now)
    lists_changed = state.value("extract/list_changes", provider=provider, run_id=run_id, now=sync.now)
    compares = sync.run.mode is Mode.COMPARE
    if not (changed or retries or subjects or lists_changed or compares):
        return None
    if sync.provider.people_wait_when:
        reasons = list(sync.provider.people_wait_when)
        retries += state.rows("extract/contacts_waiting", provider=provider, reasons=reasons)
    contact_ids = changed + [row.contact_id for row in retries]
    if state.run("extract/scope_contacts", run_id=run_id, contact_ids=contact_ids) > MOST_OF_SMALL:
        state.run("extract/analyze_scope")
    state.run("extract/scope_ledger_subjects", provider=provider, run_id=run_id, now=sync.now)
    scope = state.row("extract/scope", run_id=run_id)
    asked = {"contact_ids": scope.contact_ids or [], "subjects": scope.subjects or []} if scope else {}
    copied = _copy_contacts(sync, crm, state, **asked) if scope else 0
    if compares:
        state.run("extract/unseen", run_id=run_id)
    return copied


def _everyone(sync: Sync, state: Transaction, crm: Transaction) -> int:
    sync.run = replace(sync.run, everyone=True)
    return _copy_contacts(sync, crm, state, **EVERYBODY) + _those_in_no_list(sync, state, crm)


def _those_in_no_list(sync: Sync, state: Transaction, crm: Transaction) -> int:
    """Whoever is held, and in no list any more: whether they refuse mail decides how they go."""
    key = {"run_id": sync.run.run_id}
    held = (
        state.rows("extract/held_unread", provider=sync.provider.name, **key)
        if sync.provider.heeds_do_not_contact
        else []
    )
    if not held:
        return 0
    contact_ids = [row.contact_id for row in held]
    name, columns = f"crm/extract/{sync.provider.audience}", CONTACT_COLUMNS[sync.provider.audience]
    copied = crm.copy_into(state, "crm_sync.extracted", name, columns, key, contact_ids=contact_ids, subjects=[])
    return copied - state.run("extract/drop_read_twice", **key)


def _changed(sync: Sync, state: Transaction, crm: Transaction, here: trust.Here) -> list[int] | None:
    """Whom to read; None for everybody. A run of changes becomes one that compares where they cannot be told by now."""
    if sync.run.mode is Mode.FULL:
        return None
    if sync.run.mode is Mode.COMPARE:
        return _not_as_last_read(sync, state, crm)
    if sync.run.mode is Mode.BACKFILL:
        return _noted(crm, since=sync.run.since, until=sync.run.until)
    why = trust.since_opening(state, crm, sync, here)
    if why is None:
        cursor = state.row("runs/cursor", provider=sync.provider.name)
        changed = _noted(crm, last_snapshot=cursor.snapshot if cursor else None)
        if changed is not None:
            return changed
    _compare_instead(sync, state, why or trust.EVERYTHING)
    return _not_as_last_read(sync, state, crm)


def _not_as_last_read(sync: Sync, state: Transaction, crm: Transaction) -> list[int] | None:
    """Whom a run that compares must read; None for everybody. Only hashes leave the CRM, and a join compares them."""
    cursor = state.row("runs/cursor", provider=sync.provider.name)
    if cursor is None or not cursor.is_whole:
        return None
    columns = CONTACT_COLUMNS[sync.provider.audience]
    told = {"row_hash": hash_of(columns, sync.run.fingerprint)}
    state.run("extract/begin_compare")
    name, copied = f"crm/extract/{sync.provider.audience}", ["contact_id"]
    crm.copy_into(state, "pg_temp.seen", name, columns, told, copied=copied, **EVERYBODY)
    rows = state.rows("extract/compare_reads", provider=sync.provider.name)
    return None if len(rows) > MOST_READ_ONE_BY_ONE else [row.contact_id for row in rows]


def _noted(
    crm: Transaction,
    last_snapshot: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[int] | None:
    """Whom the change log tells of; None for everybody."""
    rows = crm.rows("crm/extract/changed_contacts", last_snapshot=last_snapshot, since=since, until=until)
    contact_ids = [row.contact_id for row in rows]
    return None if None in contact_ids else contact_ids


def _compare_instead(sync: Sync, state: Transaction, why: str) -> None:
    log.info("this run is %s: %s", Mode.COMPARE.value, why)
    state.run("extract/compare_instead", run_id=sync.run.run_id)
    state.run("runs/add_notice", run_id=sync.run.run_id, notice=why)
    sync.run = replace(sync.run, mode=Mode.COMPARE)


def _copy_lists(sync: Sync, crm: Transaction, state: Transaction) -> int:
    whose = {"run_id": sync.run.run_id}
    return crm.copy_into(state, "crm_sync.extracted_list", "crm/extract/lists", LIST_COLUMNS, whose)


def _offer_room(sync: Sync, state: Transaction) -> None:
    """A list that had no room there is tried again, with its people, by the run that takes another list away."""
    reasons = list(sync.provider.lists_wait_when)
    if reasons:
        whose = {"provider": sync.provider.name, "run_id": sync.run.run_id, "now": sync.now}
        state.run("extract/offer_room", **whose, reasons=reasons)


def _copy_contacts(sync: Sync, crm: Transaction, state: Transaction, **asked: Any) -> int:
    audience = sync.provider.audience
    columns = CONTACT_COLUMNS[audience]
    told: dict[str, Any] = {"run_id": sync.run.run_id, "row_hash": hash_of(columns, sync.run.fingerprint)}
    return crm.copy_into(state, "crm_sync.extracted", f"crm/extract/{audience}", columns, told, **asked)
