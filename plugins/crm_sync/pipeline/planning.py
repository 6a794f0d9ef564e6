"""Plans a run: what the provider was seen to hold goes into the ledger first, and a plan that takes away too much is
held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.model import RunState, Verb
from crm_sync.pipeline import brake, list_names
from crm_sync.pipeline import plan as rules
from crm_sync.pipeline.placing import place
from crm_sync.pipeline.record import keep_answers
from crm_sync.pipeline.sync import Sync, begin_stage, end_stage, log, writing
from crm_sync.store import close

if TYPE_CHECKING:
    from crm_sync.database import Transaction
    from crm_sync.errors import ConfigError


def plan(sync: Sync) -> dict[str, int]:
    """Write the run's operations; counts by verb. A BrakeError with the numbers where too much would be removed."""
    with writing(sync) as state:
        keep_answers(sync, state)
        begin_stage(sync, state, "plan")
        state.run("state/analyze_run")
        if sync.reads_back and _has_yet_to_load(sync, state):
            _reconcile(sync, state)
            state.run("state/analyze_holdings")
        doomed = _plan_lists(sync, state)
    with writing(sync) as state:
        _plan_subscribers(sync, state, doomed)
        state.run("state/analyze_operations")
        place(sync, state)
    with writing(sync) as state:
        counts = _counts(sync, state)
        pulled = brake.pulled(sync, state)
        _close(sync, state, pulled)
    if pulled:
        raise pulled
    return counts


def _close(sync: Sync, state: Transaction, pulled: ConfigError | None) -> None:
    if pulled:
        brake.hold(state, sync.run, pulled)
        return
    if sync.run.dry_run:
        close(state, sync.run, RunState.PREVIEWED)
    else:
        state.run("state/run_planned", run_id=sync.run.run_id, state=RunState.PLANNED.value)
    end_stage(sync, state, "plan")


def _has_yet_to_load(sync: Sync, state: Transaction) -> bool:
    """Whether what was read back still stands: after a load of the run the ledger knows better."""
    if sync.run.state is RunState.FAILED:
        return not state.value("state/has_loaded", run_id=sync.run.run_id)
    return sync.run.state in {RunState.OPEN, RunState.HELD}


def _reconcile(sync: Sync, state: Transaction) -> None:
    """Make the ledger what the provider was seen to hold: lists by id, else by name; people by address."""
    key = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    state.run("state/reconcile_lists", **key)
    wanted = state.rows("state/extracted_lists", run_id=sync.run.run_id)
    names = list_names.distinct({row.list_id: row.name for row in wanted})
    for row in state.rows("state/lists_to_adopt", **key, list_ids=list(names), names=list(names.values())):
        if row.wanted >= sync.settings.adopt_list_share * row.seen:
            state.run(
                "state/adopt_list",
                **key,
                list_id=row.list_id,
                remote_id=row.remote_id,
                name=row.name,
                crm_name=row.crm_name,
            )
            log.info("list %d is taken for the one of its name at %s", row.list_id, sync.provider.title)
    state.run("state/reconcile_holdings", **key)
    state.run("state/reconcile_unanswered", provider=sync.provider.name)


def _plan_lists(sync: Sync, state: Transaction) -> list[int]:
    key: dict[str, Any] = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    if Verb.CREATE_LIST not in sync.provider.verbs:
        if sync.provider.has_lists:
            state.run("state/lists_by_record", **key)
        return []
    state.run("state/forget_lists", **key)
    lists = state.frame("state/lists_to_plan", **key, now=sync.now)
    planned = rules.plan_lists(
        lists, name_characters=sync.provider.list_name_characters, retry_refused=sync.run.retries_refused
    )
    if len(planned):
        state.write("crm_sync.operation", planned.assign(**key))
    return planned.loc[planned["verb"] == Verb.DELETE_LIST, "list_id"].astype(int).tolist()


def _plan_subscribers(sync: Sync, state: Transaction, doomed: list[int]) -> None:
    run = sync.run
    with sync.state.transaction() as reading:
        scope = sync.frames(
            reading, "state/to_plan", provider=sync.provider.name, everyone=run.reads_everyone, now=sync.now
        )
        for frame in scope:
            operations = rules.plan(
                frame,
                sync.provider,
                doomed_lists=doomed,
                resend=run.forces_resend,
                retry_refused=run.retries_refused,
            )
            if len(operations):
                state.write("crm_sync.operation", operations.assign(run_id=run.run_id, provider=run.provider))


def _counts(sync: Sync, state: Transaction) -> dict[str, int]:
    counts = {"planned": 0}
    for row in state.rows("state/planned_counts", run_id=sync.run.run_id):
        counts["planned"] += row.operations
        name = row.verb if row.status == "pending" else f"{row.verb}_{row.status}"
        counts[name] = counts.get(name, 0) + row.operations
    return counts
