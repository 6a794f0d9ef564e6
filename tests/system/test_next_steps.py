"""Each class of error has one effect in Airflow, and a run that another one finds open is waited for or closed."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from crm_sync import errors
from standins.process import StandIn
from system.accounts import Held
from system.association import PERSON, Association, audience
from system.runs import Runs

FAILS_AT_ONCE = (errors.ConfigError, errors.DisconnectedError, errors.ContractError, errors.LoadFailedError)


@pytest.mark.parametrize("kind", FAILS_AT_ONCE)
def test_what_a_person_must_mend_fails_at_once(kind: type[Exception]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from crm_sync.operators.failures import translate_errors

    with pytest.raises(AirflowFailException, match="do this"), translate_errors("load", {}):
        raise kind("do this")


def test_what_waiting_may_mend_is_tried_again() -> None:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    from crm_sync.operators.failures import translate_errors

    with pytest.raises(AirflowException, match="wait") as caught, translate_errors("load", {}):
        raise errors.TransientError("wait")
    assert not isinstance(caught.value, AirflowFailException)


def test_what_fails_a_task_says_at_which_of_its_stages(caplog: pytest.LogCaptureFixture) -> None:
    from airflow.sdk.exceptions import AirflowException

    from crm_sync.operators.failures import translate_errors

    caplog.set_level(logging.INFO)
    with pytest.raises(AirflowException) as caught, translate_errors("opt_outs", {}), translate_errors("extract", {}):
        raise errors.TransientError("wait")
    assert caught.value.stage == "extract"
    assert [record.getMessage() for record in caplog.records] == ["failed at extract"]


def test_a_busy_provider_is_looked_at_again_half_a_minute_later() -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    from crm_sync.operators.failures import translate_errors

    began = datetime.now(UTC)
    with pytest.raises(AirflowRescheduleException) as caught, translate_errors("opt_outs", {}):
        raise errors.BusyError("run 7 is under way")
    wait = caught.value.reschedule_date - began
    assert timedelta(seconds=30) <= wait < timedelta(seconds=60)


def test_a_day_without_calls_left_is_waited_for_without_a_worker() -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    from crm_sync.operators.failures import translate_errors

    again_at = datetime.now(UTC) + timedelta(hours=7)
    with pytest.raises(AirflowRescheduleException) as caught, translate_errors("opt_outs", {}):
        raise errors.QuotaExhaustedError("10000 of 10000 calls are used", again_at)
    assert caught.value.reschedule_date == again_at


def test_work_that_goes_on_at_the_provider_is_waited_for_by_the_triggerer() -> None:
    from airflow.sdk.exceptions import TaskDeferred

    from crm_sync.operators.failures import translate_errors
    from crm_sync.operators.sync import SyncOperator

    with pytest.raises(TaskDeferred) as caught, translate_errors("load", {}):
        raise errors.UnderWayError("an import is under way", 10)
    assert hasattr(SyncOperator, caught.value.method_name)
    assert "Trigger" in type(caught.value.trigger).__name__


def test_a_bug_is_told_by_its_name_and_place_and_not_by_what_it_held(caplog: pytest.LogCaptureFixture) -> None:
    from airflow.sdk.exceptions import AirflowException

    from crm_sync.operators.failures import translate_errors

    caplog.set_level(logging.INFO)
    with pytest.raises(AirflowException, match="unexpected KeyError in load") as caught, translate_errors("load", {}):
        raise KeyError("ann@example.org")
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert "test_next_steps.py" in told
    assert not PERSON.search(told.replace('raise KeyError("ann@example.org")', "")), (
        "only the line of source may say it"
    )


def test_a_run_that_airflow_has_forgotten_is_closed_and_the_next_one_goes_on(
    association: Association, runs: Runs, standin: StandIn
) -> None:
    news = association.list("News")
    association.contact("Ann", news)
    runs.sync()
    runs.ask(
        "insert into crm_sync.run (provider, airflow_run_id, mode) values ('mailchimp', 'manual__gone', 'changes')"
        " returning run_id"
    )
    association.contact("Bob", news)

    runs.sync()

    assert runs.ask("select state from crm_sync.run where airflow_run_id = 'manual__gone'") == [("failed",)]
    assert audience(standin)["bob@example.org"] == Held("subscribed", frozenset({"News"}))
