"""Builds the context of a stage from Airflow's connections and context. The first stage opens the run, the others find
it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowRuntimeError
from httpx import HTTPStatusError

from crm_sync.errors import TransientError
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.crm_api import opt_out_writer
from crm_sync.hooks.database import CRM, STATE, open_database, second_crm
from crm_sync.ledger import store
from crm_sync.model import Asked, Mode, Run
from crm_sync.operators.starting import status_of
from crm_sync.pipeline import TASKS
from crm_sync.pipeline.begin import open_run, unopened
from crm_sync.pipeline.context import RunContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

    from crm_sync.settings import Settings

_BACKFILL = "backfill"  # Airflow's name for the kind of run
_NOT_FOUND_STATUS = 404


@contextmanager
def open_context(provider: str, task: str, settings: Settings, context: Context) -> Iterator[RunContext]:
    """The context for the stages of ``task``. The databases are closed at the end. A ConfigError where a newer release
    has brought the state database up to date."""
    with open_database(*CRM) as crm, open_database(*STATE) as state, ExitStack() as stack:
        connect_second = second_crm(stack)

        def sync_of(run: Run) -> RunContext:
            return RunContext(
                run=run,
                provider=account_hook(provider)().sheet(),
                settings=settings,
                state=state,
                crm=crm,
                connect=lambda: account_hook(provider)().get_conn(state, settings),
                now=datetime.now(UTC),
                connect_writer=opt_out_writer(settings),
                connect_second=connect_second,
            )

        store.migrate(state)  # each task: while an upgrade goes from worker to worker, a run meets both releases
        if task == next(iter(TASKS)):
            asked = Asked(provider, context["run_id"], **asked_of(context))
            yield open_run(sync_of(unopened(provider)), asked, is_alive=lambda other: is_running(context, other))
        else:
            yield sync_of(store.load_run(state, provider, context["run_id"]))


def asked_of(context: Context) -> dict[str, Any]:
    """What the person, the schedule or the backfill asks for: mode, dry_run, allow_removals, since and until."""
    params = context["params"]
    asked = {"dry_run": bool(params["dry_run"]), "allow_removals": bool(params["allow_removals"])}
    if context["dag_run"].run_type != _BACKFILL:
        return {"mode": Mode(params["mode"]), **asked}
    bounds = {"since": context["data_interval_start"], "until": context["data_interval_end"]}
    return {"mode": Mode.BACKFILL, **asked, **bounds}


def is_running(context: Context, airflow_run_id: str) -> bool:
    """Whether Airflow is at work on another run of this DAG.

    One that waits in the queue is not: it waits for this run's end, and starts again. One that Airflow has forgotten is
    not either. A TransientError where Airflow does not say.
    """
    return state_of(context, context["dag"].dag_id, airflow_run_id) == "running"


def state_of(context: Context, dag_id: str, airflow_run_id: str) -> str:
    """queued, running, success or failed; "" where Airflow has forgotten the run. A TransientError where it
    does not say."""
    try:
        state = context["ti"].get_dagrun_state(dag_id, airflow_run_id)
    except (AirflowRuntimeError, HTTPStatusError) as error:
        if status_of(error) == _NOT_FOUND_STATUS:
            return ""
        raise TransientError("could not find out from Airflow whether another run is under way") from None
    return str(getattr(state, "value", state))


def is_scheduled(context: Context, dag_id: str) -> bool:
    """Whether Airflow makes runs of a DAG: it knows it, and nobody has paused it. A TransientError where it
    does not say."""
    try:
        return not context["ti"].get_dag(dag_id).is_paused
    except (AirflowRuntimeError, HTTPStatusError) as error:
        if status_of(error) == _NOT_FOUND_STATUS:
            return False
        raise TransientError(f"could not find out from Airflow whether {dag_id} is paused") from None
