"""The Airflow DAG that asks a person about a plan which the brake holds: a run for each question, started by the run
that was held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from crm_sync.operators.approval import AskOperator, TellOperator, question_form
from crm_sync.pages import APPROVAL_DAG

with DAG(
    APPROVAL_DAG,
    description="Asks a person whether a run may take away as much as its plan would",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,
    # Airflow takes a task for dead that is answered in the very second in which it goes to rest; it finds the answer.
    default_args={"retries": 10, "retry_delay": timedelta(seconds=5)},
    params=question_form(),
    tags=["crm-sync"],
):
    AskOperator(task_id="ask")
    TellOperator(task_id="tell")
