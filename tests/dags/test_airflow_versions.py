"""What an older Airflow lacks has something that stands in for it, and is said when it starts. `make test-airflow` runs
both kinds."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from crm_sync.hooks import airflow_versions

OPTIONS = ["Approve", "Reject"]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Airflow without the state in which a task awaits input."""
    monkeypatch.setattr(airflow_versions, "TaskAwaitingInput", None)


def test_the_newest_rests_without_a_trigger() -> None:
    from airflow.sdk.exceptions import TaskAwaitingInput

    resting = airflow_versions.rest(uuid4(), OPTIONS, "decided", timedelta(hours=1))

    assert isinstance(resting, TaskAwaitingInput)
    assert (resting.method_name, resting.timeout) == ("decided", timedelta(hours=1))


def test_an_older_one_rests_by_a_trigger_that_ends_as_late(older: None) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    ti_id = uuid4()

    resting = airflow_versions.rest(ti_id, OPTIONS, "decided", timedelta(hours=1))

    assert isinstance(resting, TaskDeferred)
    assert resting.method_name == "decided"
    path, told = resting.trigger.serialize()
    assert path == "airflow.providers.standard.triggers.hitl.HITLTrigger"
    assert (told["ti_id"], told["options"], told["defaults"]) == (ti_id, OPTIONS, None)
    assert timedelta(minutes=59) < told["timeout_datetime"] - datetime.now(UTC) <= timedelta(hours=1)


class TaskRunnerMarker:
    """What Airflow hands over where a task starts."""


def test_a_component_of_an_older_one_says_what_it_lacks_and_a_task_does_not(
    older: None, caplog: pytest.LogCaptureFixture
) -> None:
    from airflow.jobs.job import Job
    from airflow.listeners.listener import get_listener_manager

    from crm_sync.plugin import CrmSyncPlugin

    asked = get_listener_manager()
    for each in CrmSyncPlugin.listeners:
        asked.add_listener(each)
    with caplog.at_level(logging.WARNING, "crm_sync"):
        asked.hook.on_starting(component=TaskRunnerMarker())
        assert caplog.messages == []
        Job()
    assert caplog.messages == [f"Airflow {airflow_versions.airflow_found()}"]
    assert airflow_versions.lacks() in caplog.messages[0]


def test_the_newest_has_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    import airflow
    from airflow.jobs.job import Job

    with caplog.at_level(logging.WARNING, "crm_sync"):
        airflow_versions.on_starting(Job())
    assert caplog.messages == []
    assert airflow_versions.airflow_found() == airflow.__version__
