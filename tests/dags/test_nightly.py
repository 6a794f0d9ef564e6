"""A nightly run is one a UTC day, whatever the clocks of the scheduler's country do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_sync import providers

NIGHTLY = "0 0 * * *"
# In New York clocks go forward on the first of these days, and back on the second.
CHANGES = [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]


@pytest.fixture(params=["UTC", "America/New_York"])
def local_timezone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine of the scheduler is there."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def nights(dag: Any, since: datetime, until: datetime) -> list[tuple[datetime, datetime, datetime]]:
    """Begin, end and moment of each run that the scheduler makes in that time, from one to the next."""
    from airflow.sdk.timezone import coerce_datetime
    from airflow.timetables.base import DataInterval, TimeRestriction

    restriction = TimeRestriction(coerce_datetime(since), coerce_datetime(until), catchup=True)
    found: list[tuple[datetime, datetime, datetime]] = []
    last: DataInterval | None = None
    timetable = scheduled(dag)
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        last = info.data_interval
        found.append((last.start, last.end, info.run_after))
    return found


def scheduled(dag: Any) -> Any:
    """The timetable as the scheduler has it, which is not the object of the DAG's file."""
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    return decode_timetable(encode_timetable(dag.timetable))


def test_each_utc_night_has_exactly_one_run(dags: list[Any], local_timezone: str) -> None:
    nightly = [dag for dag in dags if providers.get(dag.dag_id.removeprefix("crm_to_")).schedule == NIGHTLY]
    assert nightly
    for changes in CHANGES:
        for dag in nightly:
            begins = [changes + timedelta(days=day) for day in range(-3, 4)]
            expected = [(begin, begin + timedelta(days=1), begin + timedelta(days=1)) for begin in begins]
            assert nights(dag, begins[0], begins[-1]) == expected


def test_the_scheduler_of_that_country_would_see_the_hour_move(local_timezone: str) -> None:
    before, after = (datetime.fromtimestamp((CHANGES[0] + timedelta(days=d)).timestamp()).hour for d in (-1, 2))  # noqa: DTZ006
    assert (before != after) == (local_timezone != "UTC")


def test_a_dag_that_changes_start_too_keeps_the_intervals_of_its_clock_and_takes_backfills(dags: list[Any]) -> None:
    live = [dag for dag in dags if type(dag.timetable).__name__ == "AssetOrTimeSchedule"]
    assert live
    begin, step = datetime(2026, 11, 28, 12, tzinfo=UTC), timedelta(minutes=10)
    for dag in live:
        assert (scheduled(dag).periodic, scheduled(dag).can_be_scheduled) == (True, True)
        expected = [(begin + n * step, begin + (n + 1) * step, begin + (n + 1) * step) for n in range(4)]
        assert nights(dag, begin, begin + 3 * step) == expected
