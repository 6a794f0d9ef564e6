"""Plans a run. What was read back goes into the ledger first; of a plan that removes too much, only Do Not Contact is
sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.ledger.store import close
from crm_sync.model import RunState, Verb
from crm_sync.pipeline import brake, fields, list_names
from crm_sync.pipeline import diff as rules
from crm_sync.pipeline.bundling import assign_bundles
from crm_sync.pipeline.context import RunContext, analyze, begin_stage, end_stage, log, writing
from crm_sync.pipeline.fold import keep_answers

if TYPE_CHECKING:
    import pandas as pd

    from crm_sync.ledger.database import Transaction


def plan(ctx: RunContext) -> dict[str, int]:
    """Write the run's operations. Returns counts by verb, with those that the brake holds apart (``archive_held``)."""
    with writing(ctx) as state:
        keep_answers(ctx, state)
        begin_stage(ctx, state, "plan")
        analyze(ctx, state, "run")
        if ctx.reads_back and _has_yet_to_load(ctx, state):
            _reconcile(ctx, state)
            analyze(ctx, state, "holdings")
        free_addresses(ctx, state)
        offer_freed(ctx, state)
        doomed = _plan_lists(ctx, state)
    with writing(ctx) as state:
        _plan_subscribers(ctx, state, doomed)
        analyze(ctx, state, "operations")
        state.run("plan/forget_changes", run_id=ctx.run.run_id)
        state.run("plan/note_changes", run_id=ctx.run.run_id, provider=ctx.provider.name)
        assign_bundles(ctx, state)
    with writing(ctx) as state:
        return _weighed(ctx, state)


def _weighed(ctx: RunContext, state: Transaction) -> dict[str, int]:
    """Let the plan pass, or hold it; a preview says what a run would do."""
    brake.take_approval(ctx, state)
    counts = _counts(ctx, state)
    weighed = brake.weigh(ctx, state, counts)
    if ctx.run.dry_run:
        if weighed:
            notice = f"a run would wait for a decision: {weighed.why}"
            brake.note(state, ctx.run, weighed)
            state.run("runs/add_notice", run_id=ctx.run.run_id, notice=notice)
        close(state, ctx.run, RunState.PREVIEWED)
        return counts
    if weighed is None:
        brake.let_pass(ctx, state)
    else:
        brake.hold(ctx, state, weighed)
        counts = _counts(ctx, state)
    to_send = sum(number for name, number in counts.items() if _is_sent(name))
    state.run("plan/run_planned", run_id=ctx.run.run_id, state=RunState.PLANNED.value, planned=to_send)
    end_stage(ctx, state, "plan")
    return counts


def _is_sent(name: str) -> bool:
    """Whether operations counted by that name go to the provider: a plain verb, neither held nor known before."""
    return name in {verb.value for verb in Verb}


def _has_yet_to_load(ctx: RunContext, state: Transaction) -> bool:
    """Whether what was read back still stands: after a load of the run the ledger knows better."""
    if ctx.run.state is RunState.FAILED:
        return not state.value("plan/has_loaded", run_id=ctx.run.run_id)
    return ctx.run.state is RunState.OPEN


def _reconcile(ctx: RunContext, state: Transaction) -> None:
    """Bring the ledger in line with what was read back: lists by id, else by name; people by id, else by address."""
    key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    state.run("plan/reconcile_lists", **key)
    wanted = state.rows("plan/extracted_lists", run_id=ctx.run.run_id)
    names = list_names.distinct({row.list_id: row.name for row in wanted})
    for row in state.rows("plan/lists_to_adopt", **key, list_ids=list(names), names=list(names.values())):
        if row.wanted >= ctx.settings.adopt_list_share * row.seen:
            state.run(
                "plan/adopt_list",
                **key,
                list_id=row.list_id,
                remote_id=row.remote_id,
                name=row.name,
                crm_name=row.crm_name,
            )
            log.info("list %d adopts the list of the same name at %s", row.list_id, ctx.provider.title)
    prefix = ctx.provider.field_prefix
    further = [prefix + name for name in ctx.provider.fields]
    coming = [prefix + name for name in fields.will_be_created(ctx, state)]
    state.run("plan/reconcile_holdings", **key, further=further, coming=coming)
    state.run("plan/reconcile_unanswered", provider=ctx.provider.name)


def free_addresses(ctx: RunContext, state: Transaction) -> None:
    """If a person chose another address at the provider, the address that the CRM has for them is free
    for somebody else."""
    if ctx.provider.keyed_by != "address":
        return
    key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    for row in state.rows("plan/addresses_to_free", **key):
        state.run("plan/forget_absent", provider=ctx.provider.name, subscriber_key=row.there)
        state.run("plan/free_address", **key, subscriber_key=row.subscriber_key, there=row.there)


def offer_freed(ctx: RunContext, state: Transaction) -> None:
    """A person who waits for an address that another one has at the provider is retried by the run that frees it."""
    reasons = list(ctx.provider.people_wait_when)
    if reasons:
        key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id, "everyone": ctx.run.reads_everyone}
        state.run("plan/offer_freed", **key, reasons=reasons, now=ctx.now)


def _plan_lists(ctx: RunContext, state: Transaction) -> list[int]:
    key: dict[str, Any] = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    note_excluded(ctx, state)
    if Verb.CREATE_LIST not in ctx.provider.verbs:
        if ctx.provider.has_lists:
            state.run("plan/lists_by_record", **key)
        return []
    state.run("plan/forget_lists", **key)
    planned = lists_planned(ctx, state)
    if len(planned):
        state.write("crm_sync.planned_operation", planned.assign(**key))
    return planned.loc[planned["verb"] == Verb.DELETE_LIST, "list_id"].astype(int).tolist()


def note_excluded(ctx: RunContext, state: Transaction) -> None:
    """Note which lists the settings exclude."""
    if ctx.own.lists.delete_excluded:
        state.run("plan/forget_excluded", provider=ctx.provider.name)
    else:
        state.run("plan/note_excluded", provider=ctx.provider.name, run_id=ctx.run.run_id)


def kept_lists(ctx: RunContext, reading: Transaction) -> list[int]:
    """The lists that stay at the provider as they are, with everyone in them."""
    key = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    return [row.list_id for row in reading.rows("plan/excluded_lists", **key)]


def lists_planned(ctx: RunContext, state: Transaction) -> pd.DataFrame:
    """The operations on the lists themselves, as rules.plan_lists has them."""
    lists = state.frame("plan/lists_to_plan", provider=ctx.provider.name, run_id=ctx.run.run_id, now=ctx.now)
    return rules.plan_lists(
        lists, name_characters=ctx.provider.list_name_characters, retry_refused=ctx.run.retries_refused
    )


def _plan_subscribers(ctx: RunContext, state: Transaction, doomed: list[int]) -> None:
    run = ctx.run
    with ctx.state.transaction() as reading:
        scope = ctx.frames(
            reading,
            "plan/to_plan",
            provider=ctx.provider.name,
            everyone=run.reads_everyone,
            resend=run.forces_resend,
            now=ctx.now,
            rests=list(ctx.provider.rests),
            pilot=ctx.own.pilot.is_on,
        )
        kept = kept_lists(ctx, reading)
        for frame in scope:
            operations = rules.plan(
                frame,
                ctx.provider,
                doomed_lists=doomed,
                kept_lists=kept,
                resend=run.forces_resend,
                retry_refused=run.retries_refused,
            )
            if len(operations):
                state.write("crm_sync.planned_operation", operations.assign(run_id=run.run_id, provider=run.provider))


def _counts(ctx: RunContext, state: Transaction) -> dict[str, int]:
    counts = {"planned": 0}
    for row in state.rows("plan/planned_counts", run_id=ctx.run.run_id):
        counts["planned"] += row.operations
        name = row.verb if row.status == "pending" else f"{row.verb}_{row.status}"
        counts[name] = counts.get(name, 0) + row.operations
    return counts
