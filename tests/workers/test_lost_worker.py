"""A worker dies in the middle of a load: Airflow notices, the other worker goes on, and nothing is lost."""

from __future__ import annotations

import pytest

from crm_sync import providers
from local.background import await_until
from local.cluster import WORKERS
from local.demo_standins import demo_providers
from local.world import facts
from workers.members import CONTACTS
from workers.scene import CUT, RUN_SECONDS, Scene, dag_of

# Starting all, four full runs, noticing the loss, and the retry's delay.
pytestmark = [pytest.mark.celery, pytest.mark.timeout(480)]


def test_every_run_ends_well(scene: Scene) -> None:
    assert scene.ended.keys() == set(demo_providers())
    ended_ill = [name for name, state in scene.ended.items() if state != "success"]
    logs = [scene.cluster.client.failed_task_logs(dag_of(name), scene.run_ids[name]) for name in ended_ill]
    assert ended_ill == [], "\n".join(logs)


def test_the_load_goes_on_at_the_other_worker(scene: Scene) -> None:
    assert {worker for *_, worker in scene.tries} == set(WORKERS)
    loads = [(number, worker) for dag, task, number, worker in scene.tries if (dag, task) == (dag_of(CUT), "load")]
    assert loads == [(1, scene.dead), (2, scene.survivor)]


def test_what_was_not_answered_is_sent_again_and_nothing_else(scene: Scene) -> None:
    assert len(scene.answered) + len(scene.unanswered) == CONTACTS - CONTACTS // 40  # who may not be contacted
    assert scene.answered
    assert scene.unanswered
    requests = scene.controls(CUT).requests()["requests"]
    assert set().union(*map(facts(CUT).people_sent, requests)) == scene.unanswered


def test_the_health_check_tells_that_the_worker_is_gone(scene: Scene) -> None:
    assert not scene.was_dead_healthy


@pytest.mark.parametrize("provider", demo_providers())
def test_the_provider_is_in_step_and_the_ledger_agrees(scene: Scene, provider: str) -> None:
    assert scene.findings(provider) == []
    ((planned, applied),) = scene.ask(
        "select planned, applied from crm_sync.run_summary where provider = %s and airflow_run_id = %s",
        provider,
        scene.run_ids[provider],
    )
    assert planned == applied > 500


@pytest.mark.parametrize("provider", [name for name in demo_providers() if name != "votervoice"])
def test_each_list_holds_as_many_people_as_the_ledger_says(scene: Scene, provider: str) -> None:
    held = scene.ask("select list_name, people from crm_sync.people_per_list where provider = %s", provider)
    assert len(held) == 6
    assert dict(held) == facts(provider).lists(scene.controls(provider).state())


def test_a_rotating_token_is_renewed_once_for_all_tasks(scene: Scene) -> None:
    routes = scene.controls("constant_contact").requests(entries=0)["by_route"]
    assert [count for route, count in routes.items() if route.endswith("/token")] == [1]
    asking = {task for dag, task, *_ in scene.tries if dag == dag_of("constant_contact")}
    assert {"extract", "load"} <= asking, "tasks that ask the provider, each a process of its own"


def test_a_message_that_is_handed_out_again_is_not_carried_out_again(scene: Scene) -> None:
    before = {name: scene.controls(name).requests(entries=0)["total"] for name in scene.standins}

    assert scene.hand_out_again()

    assert {name: scene.controls(name).requests(entries=0)["total"] for name in scene.standins} == before
    assert set(scene.states(CUT).values()) == {"success"}


def test_a_worker_tells_that_a_provider_has_had_no_successful_run_for_long(scene: Scene) -> None:
    name = providers.get(CUT).title
    before = len(scene.post.subjects())
    scene.controls(CUT).switch(api_key="another-us1")
    assert scene.run_again(CUT) == "failed"
    scene.cluster.client.unpause(dag_of(CUT))  # who is paused is not watched
    scene.let_an_hour_pass()
    assert scene.watch() == "success"
    scene.cluster.client.pause(dag_of(CUT))
    scene.controls(CUT).switch(api_key="standin-us1")
    told = [f"CRM Sync: {name} has lost its connection", f"CRM Sync: {name} has had no successful run for a long time"]

    def subjects() -> list[str]:
        # A run of another provider may be waiting for its DAG to be unpaused, and be late as well by now.
        return [each for each in scene.post.subjects()[before:] if name in each]

    assert await_until(lambda: subjects() == told, RUN_SECONDS), scene.post.subjects()
