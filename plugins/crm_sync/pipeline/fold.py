"""Folds what a provider answered into the ledger: at the end of a run, before it is planned again, or after it died."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.ledger import store
from crm_sync.model import RunState, next_midnight
from crm_sync.pipeline.context import RunContext, analyze, writing

if TYPE_CHECKING:
    from crm_sync.ledger.database import Transaction

_PLANNED_ANEW = "planned_anew"


def fold(ctx: RunContext, state: Transaction, *, left_over: str, decides: bool = False) -> None:
    """Write the outcomes of the run's operations into the ledger, each once, for a run that is cleared keeps those of
    its earlier passes; the order is that of a load. ``left_over``: why operations without an outcome are deferred.
    ``decides``: whether what the run read counts too, for whom it asked nothing; not where it is read once more."""
    key = {"run_id": ctx.run.run_id}
    whose = {**key, "provider": ctx.provider.name}
    retry_at = ctx.now + timedelta(hours=ctx.settings.retry_refused_after_hours)
    analyze(ctx, state, "operations")
    state.run("record/defer_unsettled", **key, reason=left_over)
    state.run("record/fold_moves_cleared", **key)
    state.run("record/fold_moves", **key)
    state.run("record/fold_subscribers", **key)
    if decides:
        state.run("record/fold_untouched", **whose)
    state.run("record/fold_refusals", **key, retry_at=retry_at, rests=json.dumps(dict(ctx.provider.rests)))
    state.run("record/fold_opt_outs", **key)
    state.run("opt_outs/opt_outs_hold", **whose, everyone=ctx.run.reads_everyone)
    state.run("record/fold_lists_refused", **key, retry_at=retry_at)
    state.run("record/fold_lists_gone", **whose)
    state.run("record/fold_deferred", **key, next_day=next_midnight(ctx.now))
    state.run("record/fold_unanswered", **key)
    state.run("record/fold_lists_unanswered", **key)
    if decides:
        state.run("record/fold_absent", **whose, everyone=ctx.run.reads_everyone)
        state.run("record/fold_set_aside", **whose, everyone=ctx.run.reads_everyone)
    state.run("record/note_isolated", **key)
    state.run("record/mark_folded", **key)
    analyze(ctx, state, "holdings")


def abandon(ctx: RunContext) -> None:
    """Close a run that died: the answers that its load received are folded into the ledger, and the cursor
    does not move."""
    with writing(ctx) as state:
        keep_answers(ctx, state)
        store.close(state, ctx.run, RunState.FAILED)


def keep_answers(ctx: RunContext, state: Transaction) -> None:
    """Before a run that had begun to load is planned again: the answers that its load received are folded
    into the ledger."""
    if ctx.run.state is RunState.PLANNED:
        state.run("opt_outs/doubt_reads", provider=ctx.provider.name)
        fold(ctx, state, left_over=_PLANNED_ANEW)
