"""What Airflow gives callbacks, and runs of Mailchimp as the state database has them, for tests of alerts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg


def at(stage: str, run: str = "scheduled__3", **more: Any) -> Any:
    """What Airflow gives a task of Mailchimp's DAG."""
    link = f"http://127.0.0.1/dags/crm_to_mailchimp/runs/{run}/tasks/{stage}"
    ti = SimpleNamespace(dag_id="crm_to_mailchimp", run_id=run, task_id=stage, log_url=link)
    return {"ti": ti, "task": SimpleNamespace(provider="mailchimp"), **more}


def ended(state_dsn: str, run: str, state: str, ago: str) -> None:
    """A run of Mailchimp that ended so long ago, with nothing left over."""
    with psycopg.connect(state_dsn) as connection:
        connection.execute(
            "insert into crm_sync.run (provider, airflow_run_id, mode, state, finished_at)"
            " values ('mailchimp', %s, 'changes', %s, now() - %s::interval)",
            (run, state, ago),
        )


def left_over(state_dsn: str, run: str) -> None:
    """That run could not send all it had planned."""
    with psycopg.connect(state_dsn) as connection:
        connection.execute("update crm_sync.run set left_over = 1 where airflow_run_id = %s", (run,))


def migrated(state_dsn: str) -> str:
    """The state database with its tables."""
    from crm_sync.hooks.database import state_database

    with state_database():
        return state_dsn
