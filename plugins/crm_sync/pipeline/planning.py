"""Plans a run: what the provider was seen to hold goes into the ledger first, and of a plan that takes away too much
only Do Not Contact is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.model import RunState, Verb
from crm_sync.pipeline import brake, list_names
from crm_sync.pipeline import plan as rules
from crm_sync.pipeline.placing import place
from crm_sync.pipeline.record import keep_answers
from crm_sync.pipeline.sync import Sync, analyze, begin_stage, end_stage, log, writing
from crm_sync.store import close

if TYPE_CHECKING:
    from crm_sync.database import Transaction


def plan(sync: Sync) -> dict[str, int]:
    """Write the run's operations; counts by verb, those that the brake holds apart (``archive_held``)."""
    with writing(sync) as state:
        keep_answers(sync, state)
        begin_stage(sync, state, "plan")
        analyze(sync, state, "run")
        if sync.reads_back and _has_yet_to_load(sync, state):
            _reconcile(sync, state)
            analyze(sync, state, "holdings")
        _free_addresses(sync, state)
        _offer_freed(sync, state)
        doomed = _plan_lists(sync, state)
    with writing(sync) as state:
        _plan_subscribers(sync, state, doomed)
        analyze(sync, state, "operations")
        place(sync, state)
    with writing(sync) as state:
        return _weighed(sync, state)


def _weighed(sync: Sync, state: Transaction) -> dict[str, int]:
    """Let the plan pass, or hold it; a preview says what a run would do."""
    brake.take_approval(sync, state)
    counts = _counts(sync, state)
    weighed = brake.weigh(sync, state, counts)
    if sync.run.dry_run:
        if weighed:
            notice = f"a run would wait for a person: {weighed.why}"
            state.run("runs/add_notice", run_id=sync.run.run_id, notice=notice)
        close(state, sync.run, RunState.PREVIEWED)
        return counts
    if weighed is None:
        brake.let_pass(sync, state)
    else:
        brake.hold(sync, state, weighed)
        counts = _counts(sync, state)
    state.run("plan/run_planned", run_id=sync.run.run_id, state=RunState.PLANNED.value)
    end_stage(sync, state, "plan")
    return counts


def _has_yet_to_load(sync: Sync, state: Transaction) -> bool:
    """Whether what was read back still stands: after a load of the run the ledger knows better."""
    if sync.run.state is RunState.FAILED:
        return not state.value("plan/has_loaded", run_id=sync.run.run_id)
    return sync.run.state is RunState.OPEN


def _reconcile(sync: Sync, state: Transaction) -> None:
    """Make the ledger what the provider was seen to hold: lists by id, else by name; people by id, else by address."""
    key = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    state.run("plan/reconcile_lists", **key)
    wanted = state.rows("plan/extracted_lists", run_id=sync.run.run_id)
    names = list_names.distinct({row.list_id: row.name for row in wanted})
    for row in state.rows("plan/lists_to_adopt", **key, list_ids=list(names), names=list(names.values())):
        if row.wanted >= sync.settings.adopt_list_share * row.seen:
            state.run(
                "plan/adopt_list",
                **key,
                list_id=row.list_id,
                remote_id=row.remote_id,
                name=row.name,
                crm_name=row.crm_name,
            )
            log.info("list %d is taken for the one of its name at %s", row.list_id, sync.provider.title)
    state.run("plan/reconcile_holdings", **key)
    state.run("plan/reconcile_unanswered", provider=sync.provider.name)


def _free_addresses(sync: Sync, state: Transaction) -> None:
    """Whoever chose another address there gives up the one of the CRM to whom the CRM gives it."""
    if sync.provider.subject_by != "address":
        return
    key = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    for row in state.rows("plan/addresses_to_free", **key):
        state.run("plan/forget_absent", provider=sync.provider.name, subject=row.there)
        state.run("plan/free_address", **key, subject=row.subject, there=row.there)


def _offer_freed(sync: Sync, state: Transaction) -> None:
    """Whoever waits for what another person has there, an address, is tried again by the run that frees it."""
    reasons = list(sync.provider.people_wait_when)
    if reasons:
        key = {"provider": sync.provider.name, "run_id": sync.run.run_id, "everyone": sync.run.reads_everyone}
        state.run("plan/offer_freed", **key, reasons=reasons, now=sync.now)


def _plan_lists(sync: Sync, state: Transaction) -> list[int]:
    key: dict[str, Any] = {"provider": sync.provider.name, "run_id": sync.run.run_id}
    if Verb.CREATE_LIST not in sync.provider.verbs:
        if sync.provider.has_lists:
            state.run("plan/lists_by_record", **key)
        return []
    state.run("plan/forget_lists", **key)
    lists = state.frame("plan/lists_to_plan", **key, now=sync.now)
    planned = rules.plan_lists(
        lists, name_characters=sync.provider.list_name_characters, retry_refused=sync.run.retries_refused
    )
    if len(planned):
        state.write("crm_sync.planned_operation", planned.assign(**key))
    return planned.loc[planned["verb"] == Verb.DELETE_LIST, "list_id"].astype(int).tolist()


def _plan_subscribers(sync: Sync, state: Transaction, doomed: list[int]) -> None:
    run = sync.run
    with sync.state.transaction() as reading:
        scope = sync.frames(
            reading,
            "plan/to_plan",
            provider=sync.provider.name,
            everyone=run.reads_everyone,
            resend=run.forces_resend,
            now=sync.now,
            rests=list(sync.provider.rests),
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
                state.write("crm_sync.planned_operation", operations.assign(run_id=run.run_id, provider=run.provider))


def _counts(sync: Sync, state: Transaction) -> dict[str, int]:
    counts = {"planned": 0}
    for row in state.rows("plan/planned_counts", run_id=sync.run.run_id):
        counts["planned"] += row.operations
        name = row.verb if row.status == "pending" else f"{row.verb}_{row.status}"
        counts[name] = counts.get(name, 0) + row.operations
    return counts
