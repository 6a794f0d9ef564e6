"""Airflow's deadline for a provider's runs: so many of its intervals without a successful one, and people are told."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import timezone
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.timetables.interval import CronDataIntervalTimetable

from crm_sync.alerts.moments import report_late
from crm_sync.errors import ConfigError
from crm_sync.settings import PREFIX, Settings

if TYPE_CHECKING:
    from crm_sync.providers.base import Provider

_READ = f"{PREFIX}ALERT_LATE_INTERVALS"
# Any day does: the interval of a schedule is taken to be always the same.
_SOME_DAY = timezone.coerce_datetime(timezone.datetime(2024, 1, 2))


def late_alert(provider: Provider) -> DeadlineAlert | None:
    """What goes into the DAG; None where the setting is 0, or does not fit, of which the tasks tell."""
    try:
        settings = Settings.from_environment({_READ: os.environ[_READ]} if _READ in os.environ else {})
    except ConfigError:
        return None
    if not settings.alert_late_intervals:
        return None
    patience = interval(provider.schedule) * settings.alert_late_intervals
    told = SyncCallback(report_late, {"provider": provider.name, "seconds": patience.total_seconds()})
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=patience, callback=told, name="no successful run"
    )


def interval(schedule: str) -> timedelta:
    """The time between two runs of a cron schedule."""
    timetable = CronDataIntervalTimetable(schedule, timezone="UTC")
    span = timetable.infer_manual_data_interval(run_after=_SOME_DAY)
    return timedelta(seconds=(span.end - span.start).total_seconds())  # Airflow cannot serialize its own Duration
