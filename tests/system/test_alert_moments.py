"""The moments that no test run of a DAG reaches: a plan that waits, a run that is late, a worker that died."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from crm_sync.errors import DisconnectedError
from system.airflow_home import REPOSITORY
from system.webhooks import Webhooks

HALF_AN_HOUR = 1800.0
RUN = {"dag_id": "crm_to_mailchimp", "dag_run_id": "scheduled__3"}
WAITS = "CRM Sync: Mailchimp waits for a decision"
LATE = "CRM Sync: Mailchimp has had no successful run for long"
RECOVERED = "CRM Sync: Mailchimp recovered"


@pytest.fixture
def told(state_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What Slack was sent, with a state database behind it."""
    parts = conninfo_to_dict(state_dsn)
    connection = {"conn_type": "postgres", "host": parts["host"], "port": int(str(parts["port"])), "login": "postgres"}
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_STATE", json.dumps({**connection, "schema": parts["dbname"]}))
    monkeypatch.setenv("CRM_SYNC_ALERT_CHANNELS", "slack")
    with Webhooks() as hooks:
        for name, value in hooks.environment().items():
            monkeypatch.setenv(name, value)
        yield hooks.slack


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
    from crm_sync.alerts.open_alerts import state_database

    with state_database():
        return state_dsn


def question(number: int, run: str = "scheduled__3") -> Any:
    """A plan that is held, as the state database tells of it."""
    return SimpleNamespace(
        question_id=number,
        provider="mailchimp",
        airflow_run_id=run,
        asked_at=datetime(2026, 11, 27, 1, 2, 3, tzinfo=UTC),
        why="the plan has 60 of 100 people taken away at Mailchimp",
    )


def test_a_plan_that_waits_is_told_with_its_numbers_and_where_to_decide(told: Any) -> None:
    from crm_sync.alerts import report_brake

    for _ in range(2):
        report_brake(question(7), at("tell"), is_asked=True)

    assert told.subjects() == [WAITS]
    assert "the plan has 60 of 100 people taken away at Mailchimp" in told.texts()[0]
    asked = "/dags/crm_sync_approval/runs/mailchimp__7__2026-11-27T01-02-03/tasks/ask/required_actions"
    assert asked in told.texts()[0]
    assert "/dags/crm_to_mailchimp/runs/scheduled__3/plugin/crm-sync-run" in told.texts()[0]


def test_where_airflow_cannot_ask_people_are_told_what_to_look_at(told: Any) -> None:
    from crm_sync.alerts import report_brake

    report_brake(question(7), at("plan"), is_asked=False)
    assert "look whether its DAG crm_sync_approval is there" in told.texts()[0]


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
    assert "worker died, or was stopped from outside" in told.texts()[0]


def test_an_error_that_is_not_ours_is_told_by_its_name_alone(told: Any) -> None:
    from crm_sync.alerts import report_failure

    report_failure(at("load", exception=ValueError("ann@example.org")))

    assert "(ValueError)" in told.texts()[0]
    assert "ann@" not in told.texts()[0]


def test_what_must_be_connected_anew_travels_from_the_operator_as_a_class_of_its_own() -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from crm_sync.alerts.kinds import Kind, kind_of
    from crm_sync.operators.failures import told_to_airflow

    with pytest.raises(AirflowFailException, match="put a valid one") as caught, told_to_airflow("load", at("load")):
        raise DisconnectedError("the key was refused; put a valid one into the connection")
    assert kind_of(caught.value) is Kind.CONNECTION_LOST
    assert kind_of(AirflowFailException("anything else")) is Kind.LOAD_FAILED


def test_a_run_that_is_late_is_told_once_with_what_is_known_to_be_wrong(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_failure
    from crm_sync.alerts.moments import report_late

    ended(migrated(state_dsn), "scheduled__1", "recorded", "40 minutes")
    report_failure(at("load", "scheduled__2"))
    for _ in range(2):
        report_late("mailchimp", HALF_AN_HOUR, {"dag_run": RUN})

    assert told.subjects()[1:] == [LATE]
    assert "No run has ended well since 20" in told.texts()[1]
    assert "Open: runs failed, since 20" in told.texts()[1]
    assert "/dags/crm_to_mailchimp/runs/scheduled__3/" in told.texts()[1]


@pytest.mark.parametrize("state", ["idle", "recorded"])
def test_a_late_run_is_not_told_where_another_has_ended_well_meanwhile(told: Any, state_dsn: str, state: str) -> None:
    from crm_sync.alerts.moments import report_late

    ended(migrated(state_dsn), "scheduled__4", state, "20 minutes")
    report_late("mailchimp", HALF_AN_HOUR, {"dag_run": RUN})
    assert told.subjects() == []

    report_late("mailchimp", HALF_AN_HOUR / 2, {"dag_run": RUN})
    assert told.subjects() == [LATE]


@pytest.mark.parametrize("state", ["failed", "previewed", "planned", "recorded"])
def test_only_a_run_that_sent_all_it_had_planned_has_ended_well(told: Any, state_dsn: str, state: str) -> None:
    from crm_sync.alerts.moments import report_late

    ended(migrated(state_dsn), "scheduled__4", state, "1 minute")
    left_over(state_dsn, "scheduled__4")
    report_late("mailchimp", HALF_AN_HOUR, {"dag_run": RUN})

    assert told.subjects() == [LATE]
    assert "No run has ended well yet." in told.texts()[0]


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
    from crm_sync.alerts.open_alerts import state_database, tell_when_new

    with state_database() as state:
        tell_when_new(state, "mailchimp", Kind.MANY_REFUSED, "scheduled__2", lambda: True)
    report_failure(at("load"))
    report_brake(question(7), at("tell"), is_asked=True)
    ended(state_dsn, "scheduled__4", "idle", "-1 second")
    report_success(at("extract", "scheduled__4"))

    assert "Ended: runs failed" in told.texts()[-1]
    assert "Ended: a plan waited for a decision" in told.texts()[-1]
    assert "Still open: many were refused" in told.texts()[-1]
    place = message.Place("mailchimp", "crm_to_mailchimp", "scheduled__4")
    assert message.of_end([], [], place).tone == "success"


def test_two_tasks_that_fail_at_once_tell_once(told: Any, state_dsn: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from crm_sync.alerts import report_failure

    migrated(state_dsn)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(report_failure, [at("load")] * 4)) == [None] * 4
    assert told.subjects() == ["CRM Sync: Mailchimp failed at load"]


def test_airflow_can_call_the_deadline_as_it_does() -> None:
    from crm_sync import providers
    from crm_sync.alerts import moments
    from crm_sync.alerts.deadline import late_alert

    alert = late_alert(providers.get("mailchimp"))
    assert alert is not None
    module, _, name = alert.callback.path.rpartition(".")
    assert (module, getattr(moments, name)) == (moments.__name__, moments.report_late)
    given = {**alert.callback.kwargs, "context": {}}
    assert inspect.signature(moments.report_late).bind(**given).arguments == given


def test_the_connection_for_pagerduty_in_the_manual_closes_an_incident_of_its_provider() -> None:
    import apprise

    manual = (REPOSITORY / "docs/operating.md").read_text(encoding="utf-8")
    path = json.loads(manual.split("```json")[1].split("```")[0])["config"]["path"]
    services = apprise.Apprise()
    assert services.add(path.replace("{provider}", "mailchimp"))
    (pagerduty,) = services
    assert (pagerduty.action, pagerduty.dedup) == ("map", "crm-sync-mailchimp")
