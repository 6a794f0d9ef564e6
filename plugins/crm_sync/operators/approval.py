"""Asks a person, among Airflow's required actions, whether a plan may take away as many people as it would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from crm_sync import pages

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crm_sync.errors import BrakeError

APPROVE, REJECT = "Approve", "Reject"
# Of the operator; Airflow calls it with the answer.
METHOD = "decided"


def question(context: Context, error: BrakeError) -> TaskAwaitingInput:
    """Write the question down. What is returned is to be raised: the worker is free until somebody answers."""
    ti, why = context["ti"], str(error)
    preview = pages.run_tab(conf.get("api", "base_url", fallback=""), ti.dag_id, ti.run_id)
    upsert_hitl_detail(
        ti_id=ti.id,
        options=[APPROVE, REJECT],
        subject=f"{ti.dag_id}: may this run take away so much?",
        body=(
            f"{why[:1].upper()}{why[1:]}.\n\n[Look at what the run would do]({preview}).\n\n"
            f"**{APPROVE}**: the run plans anew, from the CRM as it is by then, and sends if no more than this is taken"
            f" away.\n\n**{REJECT}**: the run ends as failed, and nothing is sent. Mend the CRM; the next run reads it"
            " again."
        ),
        params={},  # Airflow 3.3.2 refuses None
    )
    return TaskAwaitingInput(method_name=METHOD, kwargs={"people": error.people, "memberships": error.memberships})


def approved_by(event: dict[str, Any]) -> str:
    """Who approved, by the name Airflow knows them under; an AirflowFailException where they rejected."""
    who = (event.get("responded_by_user") or {}).get("name") or "somebody"
    if event["chosen_options"] != [APPROVE]:
        raise AirflowFailException(f"{who} rejected the plan; nothing was sent, and the next run reads the CRM again")
    return who
