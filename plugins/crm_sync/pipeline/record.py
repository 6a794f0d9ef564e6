"""Folds what the provider answered into the ledger, in one transaction, and only then moves the cursor."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync import store
from crm_sync.errors import ContractError, LoadFailedError, PremiseError
from crm_sync.model import Mode, RunState, next_midnight
from crm_sync.pipeline import brake, report, trust
from crm_sync.pipeline.sync import Sync, analyze, counts_of, end_stage, is_settled, log, writing

if TYPE_CHECKING:
    from crm_sync.database import Transaction

LOAD_FAILED = "load_failed"
_PLANNED_ANEW = "planned_anew"
_ENDS = ("applied", "refused", "deferred", "held")
_WITH_A_PLAN = (RunState.PLANNED, RunState.RECORDED)


def record(sync: Sync) -> dict[str, int]:
    """Close the run: what is unsettled is deferred, outcomes go into the ledger, the cursor moves, unless the brake
    holds the plan. Counts.

    A ContractError where planned is not applied + refused + deferred; a LoadFailedError, after all was kept, where
    operations are left over, and, however often it is asked, where no plan was sent. A run that was recorded before is
    left as it is. Where the CRM is another one by now, what was answered is kept, but not the cursor: a PremiseError.
    """
    if is_settled(sync):
        return {}
    is_planned = _is_planned(sync)
    if not is_planned and sync.run.state is not RunState.FAILED:
        abandon(sync)
    if not is_planned:
        raise LoadFailedError("a stage before this one failed; nothing was sent, and the cursor stays where it was")
    counts = _counts(sync) if sync.run.state is RunState.RECORDED else _record_same(sync)
    with sync.state.transaction() as state:
        left = state.value("record/left_over", run_id=sync.run.run_id)
    if left:
        log.info("what could be settled was recorded: %s", report.said("record", counts))
        raise LoadFailedError(f"{left} operations were not settled; the next run takes them up")
    return counts


def _is_planned(sync: Sync) -> bool:
    """Whether there is a plan, and all of it: a stage may have been run again since, and failed."""
    if sync.run.state not in _WITH_A_PLAN:
        return False
    with sync.state.transaction() as reading:
        return store.has_completed(reading, sync.run, "plan")


def _record_same(sync: Sync) -> dict[str, int]:
    try:
        trust.require_same_crm(sync)
    except PremiseError:
        abandon(sync)
        raise
    return _record(sync)


def _record(sync: Sync) -> dict[str, int]:
    with writing(sync) as state:
        fold(sync, state, left_over=LOAD_FAILED, decides=True)
        _close(sync, state)
        _prune_state(sync, state)
        end_stage(sync, state, "record")
    counts = _counts(sync)
    with sync.state.transaction() as state, sync.crm.transaction() as crm:
        before = sync.now - timedelta(days=sync.settings.change_log_retention_days)
        crm.run("crm/prune/prune_change_log", before=before, crm_identity=sync.run.crm_identity)
        trust.forget_markers(sync, state, crm)
    return counts


def _close(sync: Sync, state: Transaction) -> None:
    if sync.run.question_id is not None:
        state.run("opt_outs/doubt_reads", provider=sync.provider.name)
        brake.note_held(sync, state)
        store.close(state, sync.run, RunState.HELD)
        return
    _move_cursor(sync, state)
    whose = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    state.run("record/fold_read", **whose, everyone=sync.run.reads_everyone)
    brake.use_up(sync, state)
    store.close(state, sync.run, RunState.RECORDED)


def fold(sync: Sync, state: Transaction, *, left_over: str, decides: bool = False) -> None:
    """Write the outcomes of the run's operations into the ledger, each once, for a run that is cleared keeps those of
    its earlier passes; the order is that of a load. ``left_over``: why operations without an outcome are deferred.
    ``decides``: whether what the run read counts too, for whom it asked nothing; not where it is read once more."""
    key = {"run_id": sync.run.run_id}
    whose = {**key, "provider": sync.provider.name}
    retry_at = sync.now + timedelta(hours=sync.settings.retry_refused_after_hours)
    analyze(sync, state, "operations")
    state.run("record/defer_unsettled", **key, reason=left_over)
    state.run("record/fold_moves_cleared", **key)
    state.run("record/fold_moves", **key)
    state.run("record/fold_subscribers", **key, keeps_record=sync.provider.keeps_record)
    if decides:
        state.run("record/fold_untouched", **whose)
    state.run("record/fold_refusals", **key, retry_at=retry_at, rests=json.dumps(dict(sync.provider.rests)))
    state.run("record/fold_opt_outs", **key)
    state.run("opt_outs/opt_outs_hold", **whose, everyone=sync.run.reads_everyone)
    state.run("record/fold_lists_refused", **key, retry_at=retry_at)
    state.run("record/fold_lists_gone", **whose)
    state.run("record/fold_deferred", **key, next_day=next_midnight(sync.now))
    state.run("record/fold_unanswered", **key)
    state.run("record/fold_lists_unanswered", **key)
    if decides:
        state.run("record/fold_absent", **whose, everyone=sync.run.reads_everyone)
        state.run("record/fold_set_aside", **whose, everyone=sync.run.reads_everyone)
    state.run("record/note_isolated", **key)
    state.run("record/mark_folded", **key)
    analyze(sync, state, "holdings")


def abandon(sync: Sync) -> None:
    """Close a run that died: what its load was told is folded into the ledger, the cursor stays where it was."""
    with writing(sync) as state:
        keep_answers(sync, state)
        store.close(state, sync.run, RunState.FAILED)


def keep_answers(sync: Sync, state: Transaction) -> None:
    """Before a run that had begun to load is planned anew: the ledger learns what that load was told."""
    if sync.run.state is RunState.PLANNED:
        state.run("opt_outs/doubt_reads", provider=sync.provider.name)
        fold(sync, state, left_over=_PLANNED_ANEW)


def _move_cursor(sync: Sync, state: Transaction) -> None:
    if sync.run.mode is Mode.BACKFILL:
        return
    state.run("record/move_cursor", run_id=sync.run.run_id)


def _prune_state(sync: Sync, state: Transaction) -> None:
    key = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    before = sync.now - timedelta(days=sync.settings.ledger_retention_days)
    state.run("record/prune_stages", **key)
    state.run("record/prune_ledger", **key, before=before)
    state.run("record/prune_remembered", provider=sync.provider.name, before=before)
    state.run("record/prune_looks", before=before)
    state.run("record/prune_markers", before=before)


def _counts(sync: Sync) -> dict[str, int]:
    with sync.state.transaction() as state:
        counts = counts_of(sync, state)
    if counts["planned"] != sum(counts[name] for name in _ENDS):
        raise ContractError(f"run {sync.run.run_id} lost an operation: {counts}")
    return counts
