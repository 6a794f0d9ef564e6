"""Functions that Airflow and the operators call when a problem may have begun or ended. None of them ever fails a
task."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crm_sync.alerts.channels import tell
from crm_sync.alerts.kinds import DISPROVED_BY_AN_END, DISPROVED_WHILE_HELD, Kind, kind_of
from crm_sync.alerts.message import (
    CAUSE_UNKNOWN,
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
    tell_when_ended,
    tell_when_new,
    troubles,
)
from crm_sync.hooks import configuration
from crm_sync.hooks.database import state_database
from crm_sync.pages import APPROVAL_DAG, dag_of, question_run
from crm_sync.pipeline import STAGES
from crm_sync.run_status import GOOD, HELD, status_of
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from airflow.sdk import Context

    from crm_sync.ledger.database import Database

_LAST_STAGE = STAGES[-1]
_NOT_FOUND_OUT = "whether an alert was due could not be determined"
# Problems that do not fail a run: the statement that counts the records, and the text of the alert.
_STANDS = {
    Kind.RECORDS_WAIT: (
        "alerts/records_waiting",
        "The calls for {many:,} records fail at {title}, while others succeed: {reasons}.",
    ),
    Kind.OPT_OUTS_UNWRITTEN: (
        "alerts/opt_outs_unwritten",
        "The CRM does not let the pipeline set Do Not Contact for {many:,} people who opted out at {title}: {reasons}.",
    ),
}


def report_failure(context: Context) -> None:
    """A task has failed, and Airflow will not retry it."""
    place, error = Place.of_task(context), context.get("exception")
    kind, cause = kind_of(error), cause_of_failure(error)
    with _else_told_each_time(kind, cause, place, context), state_database() as state:
        # The last stage always runs, and fails if an earlier stage has failed.
        if place.stage == _LAST_STAGE and is_known(state, place.provider, place.run_id):
            return
        _tell_when_new(state, kind, cause, place, context)


def report_failed_run(context: Context) -> None:
    """A run has failed. Perhaps none of its tasks could report it: the process of a task was killed on its last try, or
    somebody marked a task as failed. Airflow then calls no callback of the task, only this one.

    The DAG processor calls it after the callbacks of the run's tasks: these run in the task's process, and Airflow
    knows of the failure when that process has ended.
    """
    with beside_the_work(_NOT_FOUND_OUT), state_database() as state:
        report_untold(state, Place.of_run(context), context)


def report_untold(state: Database, place: Place, context: Context) -> None:
    """A run has failed: raise an alert unless one of its tasks has done so."""
    with beside_the_work(_NOT_FOUND_OUT):
        if not is_known(state, place.provider, place.run_id):
            _tell_when_new(state, Kind.LOAD_FAILED, CAUSE_UNKNOWN, place, context)


def report_success(context: Context) -> None:
    """A task has succeeded. If its run has ended with it, close the alerts that the run disproves."""
    place = Place.of_task(context)
    with beside_the_work(_NOT_FOUND_OUT), state_database() as state:
        ended = _good_end(state, place)
        if ended is None:
            return
        run_id, ended_at = ended
        disproved = [
            *_disproved(state, place),
            *_weighed(state, run_id, place, context),
            *_standing(state, place, context),
        ]
        _tell_when_ended(state, disproved, ended_at, place, context)


def _disproved(state: Database, place: Place) -> Sequence[Kind]:
    """The alerts that a successful run closes: fewer while a plan is held, since no run has sent everything then."""
    with state.transaction() as transaction:
        is_asked = transaction.value("brake/is_asked", provider=place.provider)
    return DISPROVED_WHILE_HELD if is_asked else DISPROVED_BY_AN_END


def report_brake(question: Any, context: Context, *, is_asked: bool) -> None:
    """A held plan waits for a person. ``question``: a row of brake/question_told. ``is_asked``: whether Airflow lists
    it among its required actions."""
    place = _where_held(question)
    cause = f"{question.why}."
    if not is_asked:
        cause += (
            f" Airflow could not ask: check that its DAG {APPROVAL_DAG} exists and is not paused, and look at its run."
        )
    with _else_told_each_time(Kind.BRAKE_WAITING, cause, place, context), state_database() as state:
        forget_decision(state, place.provider, place.run_id)
        _tell_when_new(state, Kind.BRAKE_WAITING, cause, place, context)


def report_answer(question: Any, context: Context) -> None:
    """A person has decided about a held plan."""
    with beside_the_work(_NOT_FOUND_OUT), state_database() as state:
        _tell_when_ended(state, [Kind.BRAKE_WAITING], None, _where_held(question), context)


def _where_held(question: Any) -> Place:
    dag_id = dag_of(question.provider)
    asked_as = question_run(question.provider, question.question_id, question.asked_at)
    return Place(question.provider, dag_id, question.airflow_run_id, asked_as=asked_as)


def report_late(state: Database, provider: str, late_after: timedelta, context: Context) -> None:
    """Raise an alert, once, if no run of the provider has succeeded for longer than ``late_after``."""
    with beside_the_work(_NOT_FOUND_OUT):
        with state.transaction() as transaction:
            (found,) = transaction.rows("watch/watch", provider=provider, seconds=late_after.total_seconds())
            cause = cause_of_lateness(found.last_good, troubles(transaction, provider))
        if found.is_late:
            place = Place(provider, dag_of(provider), found.latest_run)
            _tell_when_new(state, Kind.LATE, cause, place, context)


def report_live(state: Database, provider: str, longest: timedelta | None, context: Context) -> None:
    """Raise an alert, once, if the watcher for changes has looked before and not for ``longest``; None: changes start
    no runs of the provider."""
    with beside_the_work(_NOT_FOUND_OUT):
        with state.transaction() as transaction:
            seconds = transaction.value("watch/look_age", provider=provider)
        place = Place(provider, dag_of(provider), "")
        if longest and seconds is not None and seconds > longest.total_seconds():
            cause = (
                f"Nothing has looked for changes in the CRM for {int(seconds // 60):,} minutes, so they wait for the"
                f" schedule of {place.title}. Nothing is lost."
            )
            _tell_when_new(state, Kind.NOT_LIVE, cause, place, context)
        else:
            _tell_when_ended(state, [Kind.NOT_LIVE], None, place, context)


def _good_end(state: Database, place: Place) -> tuple[int, datetime] | None:
    """The run's id in the ledger and the time of its end; None if it has not ended, or not successfully."""
    with state.transaction() as transaction:
        run = transaction.row("runs/run_end", provider=place.provider, airflow_run_id=place.run_id)
    return None if run is None or status_of(run) not in GOOD | HELD else (run.run_id, run.finished_at)


def _weighed(state: Database, run_id: int, place: Place, context: Context) -> Sequence[Kind]:
    """Raise an alert if the run had many refusals. Returns MANY_REFUSED if its share of refusals is small enough to
    close an earlier alert; the absolute number does not matter for that."""
    settings = configuration.read().settings.of(place.provider)
    with state.transaction() as transaction:
        found = transaction.row("alerts/refusals", run_id=run_id)
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


def _standing(state: Database, place: Place, context: Context) -> Iterator[Kind]:
    """Raise alerts about problems that do not fail a run; yields the kinds of which no record is left."""
    for kind, (asked, said) in _STANDS.items():
        with state.transaction() as transaction:
            found = transaction.row(asked, provider=place.provider)
        if found is None or not found.many:
            yield kind
            continue
        cause = said.format(many=found.many, title=place.title, reasons=found.reasons)
        _tell_when_new(state, kind, cause, place, context)


def _tell_when_new(state: Database, kind: Kind, cause: str, place: Place, context: Any) -> None:
    message = of_trouble(kind, cause, place)
    tell_when_new(state, place.provider, kind, place.run_id, lambda: tell(message, context))


def _tell_when_ended(
    state: Database, kinds: Sequence[Kind], before: datetime | None, place: Place, context: Any
) -> None:
    tell_when_ended(state, place.provider, kinds, before, lambda ended, left: tell(of_end(ended, left, place), context))


@contextmanager
def _else_told_each_time(kind: Kind, cause: str, place: Place, context: Context) -> Iterator[None]:
    """Send the alert even if the state database, which knows the alerts sent before, cannot be reached: better twice
    than never."""
    with beside_the_work("it is not known which alerts were sent before") as work:
        yield
    if work.has_failed:
        with beside_the_work("no alert went out"):
            tell(that_may_come_again(of_trouble(kind, cause, place)), context)
