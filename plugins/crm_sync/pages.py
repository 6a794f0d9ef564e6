"""Where in Airflow's UI people find what this package shows, for links from mails, logs and questions."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

from crm_sync import providers

if TYPE_CHECKING:
    from datetime import datetime

RUN_TAB = "crm-sync-run"
APPROVAL_DAG = "crm_sync_approval"
_DAG = "crm_to_"


def dag_of(provider: str) -> str:
    """The id of a provider's DAG."""
    return f"{_DAG}{provider}"


def provider_of(dag_id: str) -> str | None:
    """The provider of a DAG; None where it is no DAG of ours."""
    name = dag_id.removeprefix(_DAG)
    return name if dag_id.startswith(_DAG) and name in providers.names() else None


def run_tab(base_url: str, dag_id: str, run_id: str) -> str:
    """The tab of a DAG run that counts and lists its operations; ``base_url`` is Airflow's own."""
    return f"{base_url.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}/plugin/{RUN_TAB}"


def dag(base_url: str, dag_id: str) -> str:
    """The page of a DAG, with its runs."""
    return f"{base_url.rstrip('/')}/dags/{dag_id}"


def question_run(provider: str, question_id: int, asked_at: datetime) -> str:
    """The id of the DAG run in which Airflow asks a question. With its time: where the state database was lost, numbers
    start again, and an old answer is not to be taken for a new one."""
    return f"{provider}__{question_id}__{asked_at.astimezone(UTC):%Y-%m-%dT%H-%M-%S}"


def required_actions(base_url: str, run_id: str) -> str:
    """Where Airflow asks people whether a held plan may be sent; ``run_id``: that of ``question_run``."""
    return f"{base_url.rstrip('/')}/dags/{APPROVAL_DAG}/runs/{quote(run_id)}/tasks/ask/required_actions"
