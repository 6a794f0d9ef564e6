"""A run that was triggered for a moment to come runs now, and its note says so.

Airflow 3.3.2 takes such a date (a local time that was sent as UTC, for example), calls the run running, and begins none
of its tasks before then; with one run at a time, no other runs either. The scheduler calls this as a run begins,
whoever triggered it: API, UI, command line or another DAG.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.sdk import timezone

from crm_sync.pages import provider_of

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

_BEGINS, _BETWEEN = "triggered for", "\n\n"

log = logging.getLogger("crm_sync")


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:  # noqa: ARG001  Airflow's interface
    """Take the date away, as if none had been given; the scheduler saves the run with its new state."""
    asked = dag_run.logical_date
    if asked is None or asked <= timezone.utcnow() or provider_of(dag_run.dag_id) is None:
        return
    dag_run.logical_date = dag_run.data_interval_start = dag_run.data_interval_end = None
    said = (
        f"{_BEGINS} {asked.isoformat()}, which is still to come (a local time sent as UTC?). It runs now, as if"
        " without a date. To run it later, give no logical date but run_after."
    )
    dag_run.note = _BETWEEN.join(filter(None, (dag_run.note, said)))
    log.warning("run %s of %s: %s", dag_run.run_id, dag_run.dag_id, said)


def said_in(note: str | None) -> str:
    """What was said above, found in a run's note; "" where it was not."""
    return next((part for part in (note or "").split(_BETWEEN) if part.startswith(_BEGINS)), "")
