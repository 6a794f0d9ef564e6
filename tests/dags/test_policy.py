"""What a data team may rely on in every DAG, whichever provider it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.alerts import report_failed_run, report_failure, report_success
from crm_sync.alerts.lateness import late_after
from crm_sync.dags import create_dags
from crm_sync.ledger import sources
from crm_sync.pages import APPROVAL_DAG, dag_of
from crm_sync.pipeline import STAGES, TASKS
from crm_sync.settings import Settings
from system.airflow_home import REPOSITORY

LONGEST_DAG_FILE = 40
FORM = {"mode", "dry_run", "allow_removals"}


def every_task(dags: list[Any]) -> list[Any]:
    tasks = [task for dag in dags for task in dag.tasks]
    assert len(tasks) >= len(TASKS)
    return tasks


def test_every_dag_file_is_read_without_an_error(bag: Any) -> None:
    assert bag.import_errors == {}
    assert len(bag.dags) > 0


def test_every_provider_has_its_dag_and_two_others_serve_all(bag: Any, dags: list[Any]) -> None:
    assert providers.names()
    assert {dag.dag_id for dag in dags} == {f"crm_to_{name}" for name in providers.names()}
    assert set(bag.dags) == {dag.dag_id for dag in dags} | {"crm_sync_watch", APPROVAL_DAG}


def test_one_more_dag_asks_people_and_is_there_when_it_is_needed(bag: Any) -> None:
    dag = bag.dags[APPROVAL_DAG]
    assert (dag.timetable.can_be_scheduled, dag.is_paused_upon_creation) == (False, False)
    # A question that waits takes no slot from one of another provider.
    assert dag.max_active_runs >= len(providers.names())
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {"ask": set(), "tell": set()}
    assert all(task.retries >= 3 for task in dag.tasks)
    assert set(dag.params.dump().values()) == {None}


def test_a_dag_runs_at_its_providers_times_with_real_intervals(dags: list[Any]) -> None:
    for dag in dags:
        provider = providers.get(dag.dag_id.removeprefix("crm_to_"))
        clock = dag.timetable.timetable if provider.is_live else dag.timetable
        assert type(clock).__name__ == "CronDataIntervalTimetable"
        assert clock.expression == provider.schedule
        assert str(clock.timezone) == "UTC"


def is_watched(dag: Any) -> bool:
    """Whether a change in the CRM starts its runs."""
    return type(dag.timetable).__name__ == "AssetOrTimeSchedule"


def test_the_watcher_starts_runs_of_the_providers_that_are_live(dags: list[Any]) -> None:
    watched = {dag.dag_id: dag.timetable.asset_condition for dag in dags if is_watched(dag)}
    live = [name for name in providers.names() if providers.get(name).is_live]
    assert sorted(watched) == sorted(map(dag_of, live)) == ["crm_to_constant_contact", "crm_to_mailchimp"]
    for name in live:
        (asset,) = watched[dag_of(name)].objects
        (watcher,) = asset.watchers
        assert watcher.trigger.serialize() == ("crm_sync.operators.live.ChangeTrigger", {"provider": name})


@pytest.mark.parametrize(
    ("provider", "variables", "is_live"),
    [
        ("mailchimp", {}, True),
        ("votervoice", {}, False),
        ("mailchimp", {"CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE": "false"}, False),
        ("votervoice", {"CRM_SYNC_PROVIDERS__VOTERVOICE__LIVE": "true"}, True),
        ("mailchimp", {"CRM_SYNC_PROVIDERS__MAILCHIMP__ENABLED": "false"}, False),
        ("mailchimp", {"CRM_SYNC_CRM_CHANGES": "comparison"}, False),
        ("mailchimp", {"CRM_SYNC_CRM": "tendenci"}, False),
        ("mailchimp", {"CRM_SYNC_CRM": "misspelt"}, False),
        ("mailchimp", {"CRM_SYNC_CRM_CHANGES": "misspelt"}, False),
    ],
)
def test_settings_and_the_crm_decide_whether_changes_start_runs(
    provider: str, variables: dict[str, str], is_live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.chosen.cache_clear()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    made = create_dags()[dag_of(provider)]
    assert is_watched(made) is is_live
    sources.chosen.cache_clear()


def test_one_run_at_a_time_and_no_catching_up(dags: list[Any]) -> None:
    for dag in dags:
        assert (dag.max_active_runs, dag.catchup) == (1, False)
        assert dag.start_date.utcoffset() == timedelta(0)


def test_the_tasks_run_all_stages_in_a_row_and_say_which(dags: list[Any]) -> None:
    assert [stage for stages in TASKS.values() for stage in stages] == list(STAGES)
    for dag in dags:
        assert [task.task_id for task in dag.topological_sort()] == list(TASKS)
        after = {task.task_id: task.downstream_task_ids for task in dag.tasks}
        tasks = list(TASKS)
        assert after == {task: set(tasks[place : place + 1]) for place, task in enumerate(tasks, start=1)}
        for task in dag.tasks:
            assert f"Runs {', '.join(TASKS[task.task_id])}." in task.doc_md


def test_only_record_runs_whatever_happened_before(dags: list[Any]) -> None:
    rules = {task.task_id: task.trigger_rule.value for task in every_task(dags)}
    assert rules.pop("record") == "all_done"
    assert set(rules.values()) == {"all_success"}


def test_every_task_is_tried_again_patiently_and_cannot_hang(dags: list[Any]) -> None:
    for task in every_task(dags):
        assert task.retries == 3
        assert task.retry_delay == timedelta(seconds=30)
        assert task.retry_exponential_backoff > 1
        assert task.max_retry_delay == timedelta(minutes=10)
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=6)


def test_every_task_tells_of_its_failure_and_of_what_has_ended(dags: list[Any]) -> None:
    for task in every_task(dags):
        assert task.on_failure_callback in (report_failure, [report_failure])
        assert task.on_success_callback in (report_success, [report_success])
        assert not task.on_retry_callback


def test_every_run_tells_of_its_failure_where_no_task_could(dags: list[Any]) -> None:
    for dag in dags:
        assert dag.on_failure_callback in (report_failed_run, [report_failed_run])


def test_no_dag_has_a_deadline_of_airflows_with_which_it_cannot_be_cleared(bag: Any) -> None:
    assert [name for name, dag in bag.dags.items() if dag.deadline] == []


def test_the_watch_is_on_from_the_start_and_outlives_a_failure(bag: Any) -> None:
    watch = bag.dags["crm_sync_watch"]
    assert (watch.is_paused_upon_creation, watch.catchup, watch.max_active_runs) == (False, False, 1)
    assert watch.timetable.expression == "*/5 * * * *"
    (task,) = watch.tasks
    assert task.retries == 2
    assert task.execution_timeout <= timedelta(minutes=5)
    assert "crm-sync" in watch.tags


@pytest.mark.parametrize(
    ("name", "minutes"), [("constant_contact", 10), ("higher_logic", 30), ("mailchimp", 10), ("votervoice", 24 * 60)]
)
def test_a_provider_is_late_after_so_many_of_its_intervals(name: str, minutes: int) -> None:
    for intervals in (3, 1):
        late = late_after(providers.get(name), Settings(alert_late_intervals=intervals))
        assert late == timedelta(minutes=minutes * intervals)
    assert not late_after(providers.get(name), Settings(alert_late_intervals=0))


def test_every_dag_has_tags_and_a_runbook_for_each_of_its_stages(dags: list[Any]) -> None:
    for dag in dags:
        name = dag.dag_id.removeprefix("crm_to_")
        assert set(dag.tags) == {"crm-sync", name}
        assert dag.description
        provider = providers.get(name)
        for word in (*STAGES, *TASKS, provider.title, provider.schedule, provider.connection_id):
            assert word in dag.doc_md
        assert "{" not in dag.doc_md, "a word was not put in"


def test_every_param_explains_itself_and_defaults_to_the_harmless(dags: list[Any]) -> None:
    for dag in dags:
        assert set(dag.params) == FORM
        for name in FORM:
            param = dag.params.get_param(name)
            assert param.description or param.schema.get("description_md")
            assert param.schema["title"]
        assert dag.params.dump() == {"mode": "changes", "dry_run": False, "allow_removals": False}
        assert dag.params.get_param("mode").schema["enum"] == ["changes", "compare", "full"]


def test_a_dag_file_is_the_shape_of_the_pipeline_and_no_more() -> None:
    files = sorted((REPOSITORY / "dags").glob("**/*.py"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_DAG_FILE
        # Airflow reads only files that contain both words.
        assert "airflow" in text.lower()
        assert "dag" in text.lower()
