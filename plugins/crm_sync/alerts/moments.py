"""The moments at which something may have gone wrong or ended: Airflow and the operators call these; none ever fails a
task."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crm_sync.alerts.channels import tell
from crm_sync.alerts.kinds import DISPROVED_BY_AN_END, Kind, kind_of
from crm_sync.alerts.message import (
    Place,
    cause_of_failure,
    cause_of_lateness,
    of_end,
    of_trouble,
    that_may_come_again,
)
from crm_sync.alerts.open_alerts import (
    forget_decision,
    is_known,
    state_database,
    tell_when_ended,
    tell_when_new,
    troubles,
)
from crm_sync.model import RunState
from crm_sync.pipeline import STAGES
from crm_sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from airflow.sdk import Context

    from crm_sync.database import Database
    from crm_sync.errors import BrakeError

log = logging.getLogger("crm_sync")

_LAST_STAGE = next(reversed(STAGES))


def report_failure(context: Context) -> None:
    """A task has failed for good. Where the run was waiting for a decision, that has ended as well."""
    place, error = Place.of_task(context), context.get("exception")
    kind, cause = kind_of(error), cause_of_failure(error)
    with _else_told_each_time(kind, cause, place, context), state_database() as state:
        # The last stage runs whatever happened before, and fails because a stage before it has.
        if place.stage == _LAST_STAGE and is_known(state, place.provider, place.run_id):
            return
        forget_decision(state, place.provider, place.run_id)
        _tell_when_new(state, kind, cause, place, context)


def report_success(context: Context) -> None:
    """A task has ended well. Where that was the end of its run, what the run disproves has ended."""
    place = Place.of_task(context)
    with _at_least_logged(), state_database() as state:
        ended = _good_end(state, place)
        if ended is None:
            return
        run_id, ended_at = ended
        disproved = [*DISPROVED_BY_AN_END, *_weighed(state, run_id, place, context)]
        _tell_when_ended(state, disproved, ended_at, place, context)


def report_brake(context: Context, error: BrakeError) -> None:
    """A plan waits for a person to decide; ``error`` has its numbers."""
    place, cause = Place.of_task(context), f"{error}. The run waits for a person's decision."
    with _else_told_each_time(Kind.BRAKE_WAITING, cause, place, context), state_database() as state:
        _tell_when_new(state, Kind.BRAKE_WAITING, cause, place, context)


def report_approval(context: Context) -> None:
    """A person has decided that the plan may be sent."""
    with _at_least_logged(), state_database() as state:
        _tell_when_ended(state, [Kind.BRAKE_WAITING], None, Place.of_task(context), context)


def report_late(provider: str, seconds: float, context: dict[str, Any]) -> None:
    """A run has not ended well ``seconds`` after it was queued: unless another has meanwhile, people are told.

    Called by Airflow's deadline; ``context`` holds the DAG run as plain data.
    """
    run = context["dag_run"]
    place = Place(provider, run["dag_id"], run["dag_run_id"])
    with _at_least_logged(), state_database() as state:
        with state.transaction() as transaction:
            last = transaction.row("state/last_good_end", provider=provider, seconds=seconds)
            cause = cause_of_lateness(last.at if last else None, troubles(transaction, provider))
        if last is None or not last.is_recent:
            _tell_when_new(state, Kind.LATE, cause, place, context)


def _good_end(state: Database, place: Place) -> tuple[int, datetime] | None:
    """The pipeline's number of the run, and when it ended; None where it has not, or left something over."""
    with state.transaction() as transaction:
        run = transaction.row("state/run_end", provider=place.provider, airflow_run_id=place.run_id)
        if run is None or run.state not in {RunState.IDLE, RunState.RECORDED}:
            return None
        left = transaction.value("state/left_over", run_id=run.run_id)
    return None if left else (run.run_id, run.finished_at)


def _weighed(state: Database, run_id: int, place: Place, context: Context) -> Sequence[Kind]:
    """Tell where the run had many refused; whether it disproves that many are: by its share, however few there were."""
    settings = Settings.from_environment(os.environ)
    with state.transaction() as transaction:
        found = transaction.row("state/refusals", run_id=run_id)
    if found is None or not found.answered:
        return ()
    tolerated = settings.alert_refused_share * found.answered
    if found.refused > max(settings.alert_refused_floor, tolerated):
        cause = (
            f"{place.title} refused {found.refused:,} of {found.answered:,} operations, more than"
            f" {settings.alert_refused_share:.0%}. The main reasons: {found.reasons}."
        )
        _tell_when_new(state, Kind.MANY_REFUSED, cause, place, context)
    return (Kind.MANY_REFUSED,) if found.refused <= tolerated else ()


def _tell_when_new(state: Database, kind: Kind, cause: str, place: Place, context: Any) -> None:
    message = of_trouble(kind, cause, place)
    tell_when_new(state, place.provider, kind, place.run_id, lambda: tell(message, context))


def _tell_when_ended(
    state: Database, kinds: Sequence[Kind], before: datetime | None, place: Place, context: Any
) -> None:
    tell_when_ended(state, place.provider, kinds, before, lambda ended, left: tell(of_end(ended, left, place), context))


@contextmanager
def _else_told_each_time(kind: Kind, cause: str, place: Place, context: Context) -> Iterator[None]:
    """Better twice than never: without the state database nobody knows what people were told before."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  whatever became of the database
        log.error("what people were told before is not known: %s", type(error).__name__)  # noqa: TRY400  it may quote one
        tell(that_may_come_again(of_trouble(kind, cause, place)), context)


@contextmanager
def _at_least_logged() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  no alert may change what becomes of a run
        log.error("whether an alert has ended was not found out: %s", type(error).__name__)  # noqa: TRY400  it may quote one
