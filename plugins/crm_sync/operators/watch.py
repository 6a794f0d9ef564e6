"""Looks at all providers from outside their runs: whether one has had no successful run for long, for whatever reason,
even that none was queued; and whether one has failed without an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from crm_sync import providers
from crm_sync.alerts import report_late, report_live, report_untold
from crm_sync.alerts.message import Place
from crm_sync.errors import ConfigError
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.database import state_database
from crm_sync.operators.failures import translate_errors
from crm_sync.operators.metrics import measure_lag
from crm_sync.pages import dag_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crm_sync.ledger.database import Database
    from crm_sync.settings import Settings

# The watcher for changes looks every few seconds, and every minute while a database is out of reach.
_WITHOUT_A_LOOK = timedelta(minutes=10)


class WatchOperator(BaseOperator):
    """Tells people of each provider that is late, or whose run failed untold; of one that is switched off or paused,
    nothing. Returns which are watched."""

    ui_color = "#e8f1fa"

    def execute(self, context: Context) -> list[str]:
        """Look once."""

        with translate_errors(self.task_id, context), state_database() as state:
            settings = configuration.read().settings
            return [name for name in providers.names() if _look(state, name, settings.of(name), context)]


def _look(state: Database, provider: str, settings: Settings, context: Context) -> bool:
    """Whether the provider is watched."""
    from crm_sync.alerts.lateness import late_after  # loads Airflow's timetables

    is_on = _is_on(provider, settings, context)
    expects_looks = is_on and configuration.is_live(providers.get(provider), settings)
    report_live(state, provider, _WITHOUT_A_LOOK if expects_looks else None, context)
    if not is_on:
        with state.transaction() as transaction:
            transaction.run("watch/watch_off", provider=provider)
        return False
    _tell_of_untold(state, provider, context)
    measure_lag(state, provider)
    how_long = late_after(providers.get(provider), settings)
    if how_long:
        report_late(state, provider, how_long, context)
    return bool(how_long)


def _tell_of_untold(state: Database, provider: str, context: Context) -> None:
    """Runs that Airflow has ended as failed and that themselves know of no end: somebody marked them so, or what ran
    their callbacks is gone as well."""
    from crm_sync.operators.run_context import state_of  # loads psycopg

    dag_id = dag_of(provider)
    with state.transaction() as transaction:
        begun = [row.airflow_run_id for row in transaction.rows("runs/open_runs", provider=provider, airflow_run_id="")]
    for run_id in begun:
        if state_of(context, dag_id, run_id) == "failed":
            report_untold(state, Place(provider, dag_id, run_id), context)


def _is_on(provider: str, settings: Settings, context: Context) -> bool:
    """Whether runs are expected of the provider."""
    from crm_sync.operators.run_context import is_scheduled  # loads psycopg

    if not settings.own(provider).enabled:
        return False
    try:
        is_enabled = account_hook(provider)().is_enabled
    except ConfigError:
        is_enabled = True  # its runs fail
    return is_enabled and is_scheduled(context, dag_of(provider))
