"""What Airflow did other than it was asked to, for the notice of the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crm_sync.operators import future_dates

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crm_sync.pipeline.context import RunContext

_BACKFILL = "backfill"  # Airflow's name for the kind of run
LAST_THAT_ENDED = "the last interval that has ended: a backfill takes none that has not, whatever it was asked to reach"


def keep(ctx: RunContext, context: Context) -> None:
    """Add it to the notice, if there is anything; once, however often the run is opened."""
    for said in filter(None, (_of_backfill(context), future_dates.said_of(context["dag_run"].conf))):
        with ctx.state.transaction() as state:
            state.run("runs/add_notice", run_id=ctx.run.run_id, notice=said)


def _of_backfill(context: Context) -> str:
    # Airflow does not tell a run what its backfill was asked for, so the last one says so each time.
    if context["dag_run"].run_type != _BACKFILL:
        return ""
    since, until = context["data_interval_start"], context["data_interval_end"]
    return LAST_THAT_ENDED if until + (until - since) > datetime.now(UTC) else ""
