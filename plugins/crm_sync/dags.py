"""The Airflow DAGs, as one reads them top down: one for each provider, one that asks a person, one that watches.

A file of the DAGs folder needs two lines: ``from crm_sync.dags import create_dags`` and
``globals().update(create_dags())``. Airflow skips a file without the words "airflow" and "dag", and says nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    TriggerRule,
    chain,
)

from crm_sync import providers
from crm_sync.alerts import CALLBACKS, report_failed_run
from crm_sync.hooks import configuration
from crm_sync.operators.approval import AskOperator, TellOperator, question_form
from crm_sync.operators.form import runbook, trigger_form
from crm_sync.operators.live import ChangeTrigger
from crm_sync.operators.sync import SyncOperator
from crm_sync.operators.watch import WatchOperator
from crm_sync.pages import APPROVAL_DAG, dag_of
from crm_sync.pipeline import TASKS

if TYPE_CHECKING:
    from crm_sync.contract import Provider
    from crm_sync.settings import Settings

_BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
_TRIES = {
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=6),
}


def create_dags() -> dict[str, DAG]:
    """All DAGs by their ids."""
    settings = configuration.read().settings
    made = [*(_sync_dag(_as_set(each, settings)) for each in _sheets()), _approval_dag(), _watch_dag()]
    return {dag.dag_id: dag for dag in made}


def _sheets() -> list[Provider]:
    return [providers.get(name) for name in providers.names()]


def _as_set(provider: Provider, settings: Settings) -> Provider:
    schedule = settings.own(provider.name).schedule or provider.schedule
    return replace(provider, schedule=schedule, is_live=configuration.is_live(provider, settings))


def _schedule(provider: Provider) -> CronDataIntervalTimetable | AssetOrTimeSchedule:
    """By the clock, and where the provider is live, whenever the watcher reports a change in the CRM."""
    clock = CronDataIntervalTimetable(provider.schedule, timezone="UTC")
    if not provider.is_live:
        return clock
    watcher = AssetWatcher(name=f"crm_changes_for_{provider.name}", trigger=ChangeTrigger(provider.name))
    return AssetOrTimeSchedule(timetable=clock, assets=[Asset(f"crm_changes_for_{provider.name}", watchers=[watcher])])


def _sync_dag(provider: Provider) -> DAG:
    """Keeps a provider in step with the CRM: the shape of the pipeline."""
    with DAG(
        dag_of(provider.name),
        description=f"Keeps {provider.title} in step with the CRM",
        schedule=_schedule(provider),
        start_date=_BEGINNING,
        catchup=False,
        max_active_runs=1,
        on_failure_callback=report_failed_run,
        default_args={**_TRIES, **CALLBACKS},
        params=trigger_form(),
        doc_md=runbook(provider),
        tags=["crm-sync", provider.name],
    ) as dag:
        tasks = [SyncOperator(task_id=task, provider=provider.name) for task in TASKS]
        tasks[-1].trigger_rule = TriggerRule.ALL_DONE  # whatever became of the load, record keeps its outcomes
        chain(*tasks)
    return dag


def _approval_dag() -> DAG:
    """Asks a person about a plan which the brake holds: a run for each question, started by the run that was held."""
    with DAG(
        APPROVAL_DAG,
        description="Asks a person whether a run may take away as much as its plan would",
        schedule=None,
        start_date=_BEGINNING,
        catchup=False,
        is_paused_upon_creation=False,
        # Airflow takes a task for dead that is answered in the second in which it goes to rest; the next try finds it.
        default_args={"retries": 10, "retry_delay": timedelta(seconds=5)},
        params=question_form(),
        tags=["crm-sync"],
    ) as dag:
        AskOperator(task_id="ask")
        TellOperator(task_id="tell")
    return dag


def _watch_dag() -> DAG:
    """Looks from outside whether runs end well, and reports a provider that has had no successful run for long."""
    with DAG(
        "crm_sync_watch",
        description="Alerts people when a provider has had no successful run for a long time",
        schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
        start_date=_BEGINNING,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # a watch that nobody thought of must be on
        doc_md=WatchOperator.__doc__,
        tags=["crm-sync"],
    ) as dag:
        limit = timedelta(minutes=5)
        WatchOperator(task_id="look", retries=2, retry_delay=timedelta(seconds=30), execution_timeout=limit)
    return dag
