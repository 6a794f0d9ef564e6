"""What the notice of a run says of what Airflow did otherwise than it was asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import Asked, Mode
from crm_sync.operators import future_dates, remarks


def now() -> datetime:
    """As a test asks: a window of minutes does not wait for the tests before it."""
    return datetime.now(UTC)


def context(kind: str, until: datetime, conf: dict[str, Any] | None = None, minutes: int = 10) -> Any:
    interval = {"data_interval_start": until - timedelta(minutes=minutes), "data_interval_end": until}
    return {"dag_run": SimpleNamespace(run_type=kind, conf=conf), **interval}


def said(state: Database, *contexts: Any) -> str | None:
    run = store.open_run(state, Asked("mailchimp", "one", Mode.BACKFILL))
    ctx: Any = SimpleNamespace(state=state, run=run)
    for each in contexts:
        remarks.keep(ctx, each)
    with state.engine.connect() as connection:
        notice: str | None = connection.execute(text("select notice from crm_sync.run")).scalar_one()
        return notice


@pytest.mark.parametrize("minutes", [10, 30, 24 * 60])
def test_a_backfill_that_reaches_the_present_says_that_it_ends_there(state: Database, minutes: int) -> None:
    last = context("backfill", now() - timedelta(minutes=minutes / 2), minutes=minutes)
    assert said(state, last, last) == remarks.LAST_THAT_ENDED


def test_a_backfill_of_the_past_and_a_run_by_the_clock_say_nothing(state: Database) -> None:
    past, by_the_clock = context("backfill", now() - timedelta(hours=1)), context("scheduled", now())
    assert said(state, past, by_the_clock, context("manual", now(), {"asked_for": "nonsense"})) is None


def began(dag_id: str, logical_date: datetime | None, note: str | None = None) -> Any:
    dag_run = SimpleNamespace(dag_id=dag_id, run_id="x", logical_date=logical_date, note=note, conf=None)
    dag_run.data_interval_start = dag_run.data_interval_end = logical_date
    future_dates.on_dag_run_running(dag_run, "started")
    return dag_run


def test_a_run_for_a_moment_to_come_has_no_date_any_more_and_both_note_and_notice_say_so(state: Database) -> None:
    asked = now() + timedelta(hours=5)
    run = began("crm_to_mailchimp", asked, "a person's own note")
    assert (run.logical_date, run.data_interval_start, run.data_interval_end) == (None, None, None)
    assert run.note.startswith("a person's own note\n\ntriggered for")
    notice = said(state, context("manual", now(), run.conf))
    assert notice is not None
    assert run.note.endswith(notice)


@pytest.mark.parametrize(
    ("dag_id", "ahead"), [("crm_to_mailchimp", None), ("crm_to_mailchimp", -1), ("another", 5), ("crm_to_nobody", 5)]
)
def test_other_runs_keep_their_date(dag_id: str, ahead: int | None) -> None:
    date = None if ahead is None else now() + timedelta(hours=ahead)
    run = began(dag_id, date)
    assert (run.logical_date, run.note) == (date, None)
