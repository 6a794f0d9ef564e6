"""Polls for opt-outs before anything is sent, and writes them to the CRM."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from crm_sync.client import Changed, Left
from crm_sync.errors import TransientError
from crm_sync.model import Mode
from crm_sync.pipeline import premises
from crm_sync.pipeline.context import RunContext, begin_stage, end_stage, log, writing
from crm_sync.pipeline.write_back import tell_news, write_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from crm_sync.ledger.database import Transaction


T = TypeVar("T", Changed, Left)

_OF_EVERYBODY = (Mode.FULL, Mode.COMPARE)


def opt_outs(ctx: RunContext) -> dict[str, int]:
    """Poll for opt-outs (a full run reads everything back), record them, and set Do Not Contact in the CRM. Returns
    counts, which are empty for a provider that reports no opt-outs."""
    with writing(ctx) as state:
        begin_stage(ctx, state, "opt_outs")
        _note_account(ctx, state)
        counts = _listen(ctx, state) if ctx.provider.hears_opt_outs else {}
    if counts:
        counts["do_not_contact_set"] = 0 if ctx.run.dry_run else write_back(ctx)
    with writing(ctx) as state:
        end_stage(ctx, state, "opt_outs")
    return counts


def listen_again(ctx: RunContext, began_at: datetime | None = None) -> set[tuple[int, str, int]]:
    """While a load sends, and after it: people who left since the last poll are sent nothing more, and the CRM gets
    their flag. Returns the keys of the operations that are dropped. What was sent after ``began_at``, if given, goes
    on. The next run reads from where this one began, so that it learns what else has changed."""
    answer = ctx.client.opt_outs(_since(ctx))
    with writing(ctx) as state:
        heard = _keep(ctx, state, answer.people)
        whose = {"run_id": ctx.run.run_id, "provider": ctx.provider.name}
        state.run("opt_outs/opt_outs_hold", **whose, everyone=False)
        rows = state.rows("opt_outs/drop_opted_out", **whose, began_at=began_at)
        dropped = {(row.operation_id, row.verb, list_id) for row in rows for list_id in row.lists or [0]}
    if heard:
        log.info("%d people opted out meanwhile; %d operations are dropped", heard, len(dropped))
        tell_news(ctx)
    return dropped


def _since(ctx: RunContext) -> datetime | None:
    with ctx.state.transaction() as state:
        cursor = state.row("runs/cursor", provider=ctx.provider.name)
    overlap = timedelta(minutes=ctx.settings.opt_out_overlap_minutes)
    return cursor.polled_at - overlap if cursor and cursor.polled_at else None


def _note_account(ctx: RunContext, state: Transaction) -> None:
    """Require the account that the run rests on before anything is sent. If it cannot be asked and the provider reports
    no opt-outs, the load checks it when it begins."""
    try:
        account = premises.require_account(ctx)
    except TransientError:
        if ctx.provider.hears_opt_outs:
            raise
        return
    if account and not ctx.run.account:
        state.run("accounts/run_account", run_id=ctx.run.run_id, account=account)


def _listen(ctx: RunContext, state: Transaction) -> dict[str, int]:
    counts = _read_back(ctx, state) if ctx.reads_back else _poll(ctx, state)
    whose = {"run_id": ctx.run.run_id, "provider": ctx.provider.name}
    state.run("opt_outs/opt_outs_hold", **whose, everyone=ctx.run.mode in _OF_EVERYBODY)
    return counts


def _read_back(ctx: RunContext, state: Transaction) -> dict[str, int]:
    run_id = ctx.run.run_id
    state.run("opt_outs/doubt_reads", provider=ctx.provider.name)
    lists = ctx.client.lists()
    state.write("crm_sync.observed_list", lists.assign(run_id=run_id))
    people = kept = 0
    answer = ctx.client.read_back()
    for frame in answer.frames:
        people += state.write("crm_sync.observed", frame.assign(run_id=run_id))
        log.info("read back %d people of %s", people, ctx.provider.title)
    _learn_addresses(ctx, state, [], read_back=True)
    state.run("opt_outs/opt_outs_lift", provider=ctx.provider.name, run_id=run_id)
    for frame in list(ctx.frames(state, "opt_outs/opt_outs_observed")):
        kept += _keep(ctx, state, _rows(frame, Left))
    _note_poll(ctx, state, answer.polled_at)
    if answer.notice:
        state.run("runs/add_notice", run_id=run_id, notice=answer.notice)
    return {"lists_read_back": len(lists), "people_read_back": people, "opt_outs_new": kept}


def _poll(ctx: RunContext, state: Transaction) -> dict[str, int]:
    answer = ctx.client.opt_outs(_since(ctx))
    for page in answer.changed():
        _learn_addresses(ctx, state, page)
    kept = _keep(ctx, state, answer.people)
    _note_poll(ctx, state, answer.polled_at)
    return {"opt_outs_new": kept}


def _rows(frame: pd.DataFrame, kind: type[T]) -> list[T]:
    return [kind(*row) for row in frame[list(kind._fields)].itertuples(index=False, name=None)]


def _learn_addresses(
    ctx: RunContext, state: Transaction, people: Sequence[Changed], *, read_back: bool = False
) -> None:
    """People who changed their address at the provider are known by the new one before anything else is decided about
    them. ``read_back``: so is everyone whom the run has read back."""
    if not people and not read_back:
        return
    told = {
        "run_id": ctx.run.run_id,
        "read_back": read_back,
        "remote_ids": [each.remote_id for each in people],
        "addresses": [each.address for each in people],
    }
    _follow_lost_moves(ctx, state, told)
    state.run("opt_outs/learn_addresses", provider=ctx.provider.name, **told)


def _follow_lost_moves(ctx: RunContext, state: Transaction, told: dict[str, Any]) -> None:
    """An address that we gave people, by a call whose answer was lost, is not their own choice."""
    moves = state.rows("opt_outs/lost_moves_seen", provider=ctx.provider.name, **told)
    if moves:
        state.run(
            "opt_outs/follow_lost_moves",
            provider=ctx.provider.name,
            from_subscriber_keys=[row.from_subscriber_key for row in moves],
            subscriber_keys=[row.subscriber_key for row in moves],
            addresses=[row.address for row in moves],
        )


def _note_poll(ctx: RunContext, state: Transaction, polled_at: datetime) -> None:
    if not ctx.run.dry_run:
        state.run("opt_outs/polled", provider=ctx.provider.name, polled_at=polled_at)


def _keep(ctx: RunContext, state: Transaction, people: Sequence[Left]) -> int:
    if not people:
        return 0
    return state.run(
        "opt_outs/opt_outs_seen",
        provider=ctx.provider.name,
        run_id=ctx.run.run_id,
        subscriber_keys=[each.subscriber_key for each in people],
        reasons=[each.reason for each in people],
        remote_ids=[each.remote_id for each in people],
    )
