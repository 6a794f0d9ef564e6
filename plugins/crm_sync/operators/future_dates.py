"""A run that was triggered for a moment to come runs now, and its note says so.

Airflow 3.3.2 takes such a date (a local time that was sent as UTC, for example), calls the run running, and begins none
of its tasks before then; with one run at a time, no other runs either. The scheduler calls this as a run begins,
no matter what triggered it: API, UI, command line or another DAG.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl
from airflow.sdk import timezone

from crm_sync.pages import provider_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.models.dagrun import DagRun

# In the conf of the run: Airflow 3.3.2 does not hand a run's note to its tasks.
ASKED_FOR = "asked_for"

log = logging.getLogger("crm_sync")


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:  # noqa: ARG001  Airflow's interface
    """Take the date away, as if none had been given; the scheduler saves the run with its new state."""
    asked = dag_run.logical_date
    if asked is None or asked <= timezone.utcnow() or provider_of(dag_run.dag_id) is None:
        return
    dag_run.logical_date = dag_run.data_interval_start = dag_run.data_interval_end = None
    dag_run.conf = {**(dag_run.conf or {}), ASKED_FOR: asked.isoformat()}
    dag_run.note = "\n\n".join(filter(None, (dag_run.note, _said(asked))))
    log.warning("run %s of %s: %s", dag_run.run_id, dag_run.dag_id, _said(asked))


def said_of(conf: Mapping[str, Any] | None) -> str:
    """What the note of a run with that conf says; "" where nothing was done to it."""
    with suppress(TypeError, ValueError):
        return _said(datetime.fromisoformat((conf or {}).get(ASKED_FOR)))  # type: ignore[arg-type]
    return ""


def _said(asked: datetime) -> str:
    return (
        f"triggered for {asked.isoformat(timespec='seconds')}, which is in the future (a local time sent as UTC?): it"
        " ran at once, as if it had no date. To run it later, set run_after and no logical date"
    )
