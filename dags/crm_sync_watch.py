"""Looks from outside whether runs of the Airflow DAGs crm_to_* end well, and tells people where none has for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from crm_sync.operators.watch import WatchOperator

with DAG(
    "crm_sync_watch",
    description="Alerts people when a provider has had no successful run for a long time",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,  # a watch that nobody thought of must be on
    doc_md=WatchOperator.__doc__,
    tags=["crm-sync"],
):
    WatchOperator(task_id="look", retries=2, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(minutes=5))
