"""Starts runs of other DAGs from a task, which continues, and checks how far they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time.comms import TriggerDagRun
from httpx import HTTPStatusError

if TYPE_CHECKING:
    from airflow.sdk import Context

_NOT_FOUND_STATUS = 404
_ENDED = ("success", "failed")


def start_run(dag_id: str, run_id: str, conf: dict[str, Any], *, again: bool = False) -> None:
    """Start a run; one of that id is left as it is, or begun ``again``. An AirflowRuntimeError where Airflow cannot.

    As TriggerDagRunOperator does it at its end: it is the only way for a task, for it has no login.
    """
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS  # there while a task runs

    SUPERVISOR_COMMS.send(TriggerDagRun(dag_id=dag_id, run_id=run_id, conf=conf, reset_dag_run=again))


def has_ended(context: Context, dag_id: str, run_id: str, *, if_absent: bool) -> bool:
    """Whether a run is over; ``if_absent``: what is said of one that Airflow does not know."""
    try:
        state = context["ti"].get_dagrun_state(dag_id, run_id)
    except (AirflowRuntimeError, HTTPStatusError) as error:
        if status_of(error) == _NOT_FOUND_STATUS:
            return if_absent
        raise
    return str(getattr(state, "value", state)) in _ENDED


def status_of(error: AirflowRuntimeError | HTTPStatusError) -> int | None:
    """What the API server answered: a worker gets it from its supervisor, ``dag.test()`` from the server itself."""
    if isinstance(error, HTTPStatusError):
        return error.response.status_code
    status: int | None = (error.error.detail or {}).get("status_code")
    return status


def in_seconds(seconds: float) -> datetime:
    """That much later."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
