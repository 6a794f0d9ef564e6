"""How long a provider may be without a successful run before an alert goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import timezone
from airflow.timetables.interval import CronDataIntervalTimetable

if TYPE_CHECKING:
    from crm_sync.contract import Provider
    from crm_sync.settings import Settings

# Any day does: the interval of a schedule is taken to be always the same.
_SOME_DAY = timezone.coerce_datetime(datetime(2024, 1, 2, tzinfo=UTC))


def late_after(provider: Provider, settings: Settings) -> timedelta | None:
    """The provider's interval times the setting; None if the alert is switched off."""
    return interval(settings.own(provider.name).schedule or provider.schedule) * settings.alert_late_intervals or None


def interval(schedule: str) -> timedelta:
    """The time between two runs of a cron schedule."""
    timetable = CronDataIntervalTimetable(schedule, timezone="UTC")
    span = timetable.infer_manual_data_interval(run_after=_SOME_DAY)
    return timedelta(seconds=(span.end - span.start).total_seconds())
