"""One Airflow DAG for each provider, found by its folder; the shape of the pipeline and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule, chain

from crm_sync import providers
from crm_sync.alerts import CALLBACKS, report_failed_run
from crm_sync.operators.form import runbook, trigger_form
from crm_sync.operators.sync import SyncOperator
from crm_sync.pipeline import TASKS

DEFAULTS = {
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=6),
    **CALLBACKS,
}

for provider in map(providers.get, providers.names()):
    with DAG(
        f"crm_to_{provider.name}",
        description=f"Keeps {provider.title} in step with the CRM",
        schedule=CronDataIntervalTimetable(provider.schedule, timezone="UTC"),
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        on_failure_callback=report_failed_run,
        default_args=DEFAULTS,
        params=trigger_form(),
        doc_md=runbook(provider),
        tags=["crm-sync", provider.name],
    ):
        tasks = [SyncOperator(task_id=task, provider=provider.name) for task in TASKS]
        tasks[-1].trigger_rule = TriggerRule.ALL_DONE  # whatever became of the load, record keeps its outcomes
        chain(*tasks)
