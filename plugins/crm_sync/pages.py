"""Where in Airflow's UI people find what this package shows, for links from mails, logs and questions."""

from __future__ import annotations

from urllib.parse import quote

RUN_TAB = "crm-sync-run"


def run_tab(base_url: str, dag_id: str, run_id: str) -> str:
    """The tab of a DAG run that counts and lists its operations; ``base_url`` is Airflow's own."""
    return f"{base_url.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}/plugin/{RUN_TAB}"


def required_actions(base_url: str, dag_id: str, run_id: str) -> str:
    """Where Airflow asks people whether a run may take away as many as its plan would."""
    return f"{base_url.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}/tasks/plan/required_actions"
