"""Asks a person, among Airflow's required actions, whether a plan that the brake holds may be sent: in a DAG run of its
own for each question, so that the runs of the provider go on."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import BaseOperator, Param
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowRuntimeError, TaskDeferred
from airflow.sdk.execution_time.hitl import upsert_hitl_detail
from httpx import HTTPStatusError

from crm_sync import pages, providers, removals
from crm_sync.alerts import report_answer, report_brake
from crm_sync.hooks.airflow_versions import RESTING, rest
from crm_sync.hooks.database import state_database
from crm_sync.operators.answers import AnswerTrigger
from crm_sync.operators.starting import has_ended, in_seconds, start_run

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crm_sync.pipeline.context import RunContext
    from crm_sync.pipeline.questions import Question

APPROVE, REJECT = "Approve", "Reject"
# Airflow takes a task for dead, too, that comes back before the process of its last look has ended.
_LOOKS_SECONDS = 8.0
# An answer that arrives while the task goes to rest is kept by Airflow 3.3.2, but may wake nobody: its scheduler finds
# it when the time to rest is over.
_FIRST_REST, _REST = timedelta(minutes=1), timedelta(hours=1)

log = logging.getLogger("crm_sync")


def question_form() -> dict[str, Param]:
    """The parameters with which a held run starts the DAG that asks; nobody fills them in by hand."""
    number = {"type": ["null", "integer"]}
    return {
        "question": Param(None, title="Question", description="Its number in crm_sync.question.", **number),
        "provider": Param(None, title="Provider", description="Whose plan is held.", type=["null", "string"]),
        "run": Param(None, title="Held run", description="Its id in the provider's DAG.", type=["null", "string"]),
        "weighed": Param(
            None, title="Numbers", description="What an approval lets pass, by kind.", type=["null", "object"]
        ),
    }


def attend(ctx: RunContext, context: Context) -> None:
    """Have Airflow ask what is open, and no longer ask what nobody has to decide. Safe to repeat: what one run could
    not do, the next one does."""
    if ctx.run.dry_run:
        return
    with ctx.state.transaction() as state:
        rows = state.rows("brake/questions_to_attend", provider=ctx.run.provider)
    for row in rows:
        try:
            _begin_or_end(row, context)
        except (AirflowRuntimeError, HTTPStatusError):
            log.error("Airflow did not accept question %d; the next run asks again", row.question_id)  # noqa: TRY400
            if row.is_open:
                report_brake(row, context, is_asked=False)
            continue
        if not row.is_open:
            with ctx.state.transaction() as state:
                state.run("brake/taken_back", question_id=row.question_id)


def _begin_or_end(row: Any, context: Context) -> None:
    """A question is asked by a run that has not ended; started again, that run finds that nobody has to decide any
    more, and ends."""
    name = pages.question_run(row.provider, row.question_id, row.asked_at)
    if has_ended(context, pages.APPROVAL_DAG, name, if_absent=True) is row.is_open:
        start_run(pages.APPROVAL_DAG, name, _told(row), again=True)


def _told(row: Any) -> dict[str, Any]:
    return {
        "question": row.question_id,
        "provider": row.provider,
        "run": row.airflow_run_id,
        "weighed": row.weighed,
    }


class AskOperator(BaseOperator):
    """Waits for a person's answer, without holding a worker, and starts the run that was approved."""

    ui_color = "#faf3e0"

    def execute(self, context: Context) -> dict[str, Any]:
        """Ask if the question is still open. On a retry there may already be an answer: Airflow takes a task for dead
        that was answered while it was being suspended."""
        row = _row(context)
        if row is None or not row.is_open:
            return _over()
        ti = context["ti"]
        if ti.try_number > 1:
            raise TaskDeferred(trigger=AnswerTrigger(str(ti.id)), method_name="found")
        return self._ask(context, row)

    def found(self, context: Context, event: dict[str, Any] | None) -> dict[str, Any]:
        """Continue with an answer that was given before, or ask."""
        if event and event["chosen_options"]:
            return self.decided(context, event)
        row = _row(context)
        return self._ask(context, row) if row is not None and row.is_open else _over()

    def _ask(self, context: Context, row: Any) -> dict[str, Any]:
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[APPROVE, REJECT],
            subject=f"{providers.get(row.provider).title}: may a run remove this much?",
            body=_body(row),
            params={},  # Airflow 3.3.2 refuses None
        )
        raise _resting(context, _FIRST_REST)

    def _rest_again(self, context: Context) -> dict[str, Any]:
        row = _row(context)
        if row is None or not row.is_open:
            return _over()
        raise _resting(context, _REST)

    def decided(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """A person has answered, or the time to rest is over. An approval starts a run of the provider; should another
        come first, it is that run which may take away as much."""
        from crm_sync.pipeline import questions

        if "error" in event:
            return self._rest_again(context)
        number = int(context["params"]["question"])
        who = (event.get("responded_by_user") or {}).get("name") or "somebody"
        approves = event["chosen_options"] == [APPROVE]
        with state_database() as state:
            question = questions.answer(state, number, approves=approves, who=who)
        if question is None:
            return _over()
        report_answer(_row(context), context)
        log.info("the plan of run %d was %s by %s", question.run_id, "approved" if approves else "rejected", who)
        if approves:
            _start_approved(question)
        return {"answer": APPROVE if approves else REJECT, "by": who}


class TellOperator(BaseOperator):
    """Sends the alert about the question, once Airflow has it and an answer can reach it."""

    ui_color = "#faf3e0"

    def execute(self, context: Context) -> None:
        """Wait until the task that asks is suspended; then send the alert."""
        row, ti = _row(context), context["ti"]
        if row is None or not row.is_open:
            return
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id], task_ids=["ask"])
        state = str(states.get(ti.run_id, {}).get("ask"))
        if state not in (*RESTING, "failed", "success"):
            raise AirflowRescheduleException(in_seconds(_LOOKS_SECONDS))
        if state != "success":
            report_brake(row, context, is_asked=state in RESTING)


def _resting(context: Context, seconds: timedelta) -> BaseException:
    return rest(context["ti"].id, [APPROVE, REJECT], "decided", seconds)


def _row(context: Context) -> Any:
    number = context["params"]["question"]
    with state_database() as database, database.transaction() as state:
        return state.row("brake/question_told", question_id=number)


def _over() -> dict[str, Any]:
    log.info("this question is closed: no decision is needed any more")
    return {"answer": None}


def _start_approved(question: Question) -> None:
    asked_as = pages.question_run(question.provider, question.question_id, question.asked_at)
    run_id = f"approved__{asked_as}"
    conf = {"mode": question.mode_to_run.value, "dry_run": False, "allow_removals": False}
    start_run(f"crm_to_{question.provider}", run_id, conf)


def _body(row: Any) -> str:
    preview = pages.run_tab(conf.get("api", "base_url", fallback=""), f"crm_to_{row.provider}", row.airflow_run_id)
    return (
        f"{row.why[:1].upper()}{row.why[1:]}.\n\n{removals.as_table(removals.kept(row.removals))}\n\n"
        f"[See what the run would do]({preview}).\n\n"
        f"**{APPROVE}**: a new run plans from the CRM as it is by then, and sends its plan if it removes no more"
        " than this."
        f"\n\n**{REJECT}**: nothing of this plan is sent. Correct the CRM; the next run reads it again, and asks"
        " again if it has to."
    )
