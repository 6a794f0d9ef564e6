"""Closes a run: folds the provider's answers into the ledger, in one transaction, and only then moves the cursor."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, LoadFailedError, PremiseError
from crm_sync.ledger import store
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import brake, change_log, report
from crm_sync.pipeline.context import RunContext, counts_of, end_stage, is_settled, log, writing
from crm_sync.pipeline.fold import abandon, fold

if TYPE_CHECKING:
    from crm_sync.ledger.database import Transaction

LOAD_FAILED = "load_failed"
_ENDS = ("applied", "refused", "deferred", "held")
_WITH_A_PLAN = (RunState.PLANNED, RunState.RECORDED)


def record(ctx: RunContext) -> dict[str, int]:
    """Close the run: what is unsettled is deferred, outcomes go into the ledger, the cursor moves, unless the brake
    holds the plan. Counts.

    A ContractError where planned is not applied + refused + deferred; a LoadFailedError, after all was kept, where
    operations are left over, and, however often it is asked, where no plan was sent. A run that was recorded before is
    left as it is. Where the CRM is another one by now, what was answered is kept, but not the cursor: a PremiseError.
    """
    if is_settled(ctx):
        return {}
    is_planned = _is_planned(ctx)
    if not is_planned and ctx.run.state is not RunState.FAILED:
        abandon(ctx)
    if not is_planned:
        raise LoadFailedError("a stage before this one failed; nothing was sent, and the cursor did not move")
    counts = _counts(ctx) if ctx.run.state is RunState.RECORDED else _record_same(ctx)
    with ctx.state.transaction() as state:
        left = state.value("record/left_over", run_id=ctx.run.run_id)
    if left:
        log.info("recorded everything that was answered: %s", report.said("record", counts))
        raise LoadFailedError(f"{left} operations were not answered; the next run continues with them")
    return counts


def _is_planned(ctx: RunContext) -> bool:
    """Whether there is a plan, and all of it: a stage may have been run again since, and failed."""
    if ctx.run.state not in _WITH_A_PLAN:
        return False
    with ctx.state.transaction() as reading:
        return store.has_completed(reading, ctx.run, "plan")


def _record_same(ctx: RunContext) -> dict[str, int]:
    try:
        change_log.require_same_crm(ctx)
    except PremiseError:
        abandon(ctx)
        raise
    return _record(ctx)


def _record(ctx: RunContext) -> dict[str, int]:
    with writing(ctx) as state:
        fold(ctx, state, left_over=LOAD_FAILED, decides=True)
        _close(ctx, state)
        _prune_state(ctx, state)
        end_stage(ctx, state, "record")
    counts = _counts(ctx)
    with ctx.state.transaction() as state, ctx.crm.transaction() as crm:
        before = ctx.now - timedelta(days=ctx.settings.change_log_retention_days)
        if not ctx.source.compares:
            crm.run("crm/prune/prune_change_log", before=before, crm_identity=ctx.run.crm_identity)
        change_log.forget_markers(ctx, state, crm)
    return counts


def _close(ctx: RunContext, state: Transaction) -> None:
    if ctx.run.question_id is not None:
        state.run("opt_outs/doubt_reads", provider=ctx.provider.name)
        brake.note_held(ctx, state)
        store.close(state, ctx.run, RunState.HELD)
        return
    _move_cursor(ctx, state)
    whose = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    state.run("record/fold_read", **whose, everyone=ctx.run.reads_everyone)
    if ctx.run.reads_everyone:
        state.run("record/note_included", **whose)
    brake.use_up(ctx, state)
    store.close(state, ctx.run, RunState.RECORDED)


def _move_cursor(ctx: RunContext, state: Transaction) -> None:
    if ctx.run.mode is Mode.BACKFILL:
        return
    state.run("record/move_cursor", run_id=ctx.run.run_id)


def _prune_state(ctx: RunContext, state: Transaction) -> None:
    key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    before = ctx.now - timedelta(days=ctx.settings.ledger_retention_days)
    state.run("record/prune_stages", **key)
    state.run("record/prune_ledger", **key, before=before)
    state.run("record/prune_remembered", provider=ctx.provider.name, before=before)
    state.run("record/prune_looks", before=before)
    state.run("record/prune_markers", before=before)


def _counts(ctx: RunContext) -> dict[str, int]:
    with ctx.state.transaction() as state:
        counts = counts_of(ctx, state)
    if counts["planned"] != sum(counts[name] for name in _ENDS):
        raise ContractError(f"run {ctx.run.run_id} lost an operation: {counts}")
    return counts
