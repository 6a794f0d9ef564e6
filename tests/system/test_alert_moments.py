"""The moments that no test run of a DAG reaches: a plan that waits, a worker that died, two that fail at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from crm_sync.errors import DisconnectedError
from system.airflow_home import REPOSITORY
from system.moments import at, ended, left_over, migrated

WAITS = "CRM Sync: Mailchimp waits for a decision"
RECOVERED = "CRM Sync: Mailchimp recovered"


def question(number: int, run: str = "scheduled__3") -> Any:
    """A plan that is held, as the state database tells of it."""
    return SimpleNamespace(
        question_id=number,
        provider="mailchimp",
        airflow_run_id=run,
        asked_at=datetime(2026, 11, 27, 1, 2, 3, tzinfo=UTC),
        why="the plan removes 60 of 100 people at Mailchimp",
    )


def test_a_plan_that_waits_is_told_with_its_numbers_and_where_to_decide(told: Any) -> None:
    from crm_sync.alerts import report_brake

    for _ in range(2):
        report_brake(question(7), at("tell"), is_asked=True)

    assert told.subjects() == [WAITS]
    assert "the plan removes 60 of 100 people at Mailchimp" in told.texts()[0]
    asked = "/dags/crm_sync_approval/runs/mailchimp__7__2026-11-27T01-02-03/tasks/ask/required_actions"
    assert asked in told.texts()[0]
    assert "/dags/crm_to_mailchimp/runs/scheduled__3/plugin/crm-sync-run" in told.texts()[0]


def test_where_airflow_cannot_ask_people_are_told_what_to_look_at(told: Any) -> None:
    from crm_sync.alerts import report_brake

    report_brake(question(7), at("plan"), is_asked=False)
    assert "check that its DAG crm_sync_approval exists" in told.texts()[0]


def test_an_answer_ends_the_waiting_and_the_next_plan_that_waits_is_told_again(told: Any) -> None:
    from crm_sync.alerts import report_answer, report_brake

    report_brake(question(7), at("tell"), is_asked=True)
    report_answer(question(7), at("ask"))
    report_answer(question(7), at("ask"))
    report_brake(question(8), at("tell"), is_asked=True)

    assert told.subjects() == [WAITS, RECOVERED, WAITS]
    assert "Ended: a plan waited for a decision" in told.texts()[1]


def test_a_question_that_takes_anothers_place_is_told_with_its_own_link(told: Any) -> None:
    from crm_sync.alerts import report_brake

    report_brake(question(7), at("tell"), is_asked=True)
    report_brake(question(8, "scheduled__4"), at("tell"), is_asked=True)
    assert told.subjects() == [WAITS, WAITS]
    assert "mailchimp__8__" in told.texts()[1]


def test_while_a_plan_is_held_a_good_run_ends_the_failure_and_not_the_waiting(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_brake, report_failure, report_success

    report_failure(at("load"))
    report_brake(question(1), at("tell"), is_asked=True)
    ended(state_dsn, "scheduled__4", "held", "-1 second")
    with psycopg.connect(state_dsn) as connection:
        connection.execute(
            "insert into crm_sync.question (provider, run_id, mode, weighed, why)"
            " select provider, run_id, mode, '{}', 'too much' from crm_sync.run"
        )
    report_success(at("record", "scheduled__4"))

    assert told.subjects()[-1] == RECOVERED
    assert "Ended: runs failed" in told.texts()[-1]
    assert "Still open: a plan waited for a decision" in told.texts()[-1]


def test_a_record_that_fails_by_itself_is_told(told: Any) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from crm_sync.alerts import report_failure

    report_failure(at("record", exception=AirflowFailException("run 3 lost an operation")))

    assert told.subjects() == ["CRM Sync: Mailchimp failed at record"]


def test_a_worker_that_died_leaves_no_error_and_is_told_all_the_same(told: Any) -> None:
    from crm_sync.alerts import report_failure

    report_failure(at("load"))

    assert told.subjects() == ["CRM Sync: Mailchimp failed at load"]
    assert "worker died or was stopped from outside" in told.texts()[0]


def test_an_error_that_is_not_ours_is_told_by_its_name_alone(told: Any) -> None:
    from crm_sync.alerts import report_failure

    report_failure(at("load", exception=ValueError("ann@example.org")))

    assert "an unexpected ValueError" in told.texts()[0]
    assert "ann@" not in told.texts()[0]


def test_what_must_be_connected_anew_travels_from_the_operator_as_a_class_of_its_own() -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from crm_sync.alerts.kinds import Kind, kind_of
    from crm_sync.operators.failures import translate_errors

    with pytest.raises(AirflowFailException, match="put a valid one") as caught, translate_errors("load", at("load")):
        raise DisconnectedError("the key was refused; put a valid one into the connection")
    assert kind_of(caught.value) is Kind.CONNECTION_LOST
    assert kind_of(AirflowFailException("anything else")) is Kind.LOAD_FAILED


def test_an_old_run_whose_task_is_cleared_ends_nothing_that_went_wrong_since(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_failure, report_success

    ended(migrated(state_dsn), "scheduled__1", "recorded", "1 hour")
    report_failure(at("load"))
    report_success(at("record", "scheduled__1"))
    assert told.subjects() == ["CRM Sync: Mailchimp failed at load"]

    ended(state_dsn, "scheduled__4", "recorded", "-1 second")
    report_success(at("record", "scheduled__4"))
    assert told.subjects() == ["CRM Sync: Mailchimp failed at load", RECOVERED]


def test_a_cleared_task_of_a_run_that_left_something_over_ends_nothing(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_failure, report_success

    report_failure(at("load"))
    ended(state_dsn, "scheduled__3", "recorded", "-1 second")
    left_over(state_dsn, "scheduled__3")
    report_success(at("validate"))

    assert told.subjects() == ["CRM Sync: Mailchimp failed at load"]


def test_what_is_left_open_keeps_an_incident_open(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import message, report_brake, report_failure, report_success
    from crm_sync.alerts.kinds import Kind
    from crm_sync.alerts.open_alerts import tell_when_new
    from crm_sync.hooks.database import state_database

    with state_database() as state:
        tell_when_new(state, "mailchimp", Kind.MANY_REFUSED, "scheduled__2", lambda: "")
    report_failure(at("load"))
    report_brake(question(7), at("tell"), is_asked=True)
    ended(state_dsn, "scheduled__4", "idle", "-1 second")
    report_success(at("extract", "scheduled__4"))

    assert "Ended: runs failed" in told.texts()[-1]
    assert "Ended: a plan waited for a decision" in told.texts()[-1]
    assert "Still open: many operations were refused" in told.texts()[-1]
    place = message.Place("mailchimp", "crm_to_mailchimp", "scheduled__4")
    assert message.of_end([], [], place).tone == "success"


def test_a_run_whose_failure_was_told_is_not_told_again_after_the_next_one_failed_as_well(
    told: Any, state_dsn: str
) -> None:
    """Airflow may say that a run has failed long after the task that told of it has ended."""
    from crm_sync.alerts import callbacks, report_failure
    from crm_sync.alerts.kinds import ConnectionLost

    migrated(state_dsn)
    first, second = (at("extract", run=run, exception=ConnectionLost("the key is no good")) for run in ("1", "2"))
    report_failure(first)
    report_failure(second)
    for run in ("1", "2"):
        of_run = {"run_id": run, "dag": SimpleNamespace(dag_id="crm_to_mailchimp")}
        callbacks.report_failed_run(at("record", run=run, **of_run))
    assert told.subjects() == ["CRM Sync: Mailchimp has lost its connection"]


def test_two_tasks_that_fail_at_once_tell_once(told: Any, state_dsn: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from crm_sync.alerts import report_failure

    migrated(state_dsn)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(report_failure, [at("load")] * 4)) == [None] * 4
    assert told.subjects() == ["CRM Sync: Mailchimp failed at load"]


def test_the_connection_for_pagerduty_in_the_manual_closes_an_incident_of_its_provider() -> None:
    import apprise
    from apprise.plugins.pagerduty import NotifyPagerDuty

    manual = (REPOSITORY / "docs/operating.md").read_text(encoding="utf-8")
    path = json.loads(manual.split("```json")[1].split("```")[0])["config"]["path"]
    services = apprise.Apprise()
    assert services.add(path.replace("{provider}", "mailchimp"))
    (pagerduty,) = services
    assert isinstance(pagerduty, NotifyPagerDuty)
    assert (pagerduty.action, pagerduty.dedup) == ("map", "crm-sync-mailchimp")
