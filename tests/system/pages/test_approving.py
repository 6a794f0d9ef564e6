"""A plan that would take away too much is decided about in Airflow's UI, by those who may; nothing is sent before."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from local.background import await_until
from system.association import DAG_ID, audience, writes
from system.sync_page import Person, Site, Window, unpaused

SECONDS = 120.0
HELD = "select airflow_run_id from crm_sync.run where state = 'held'"
GONE = ("Gus", "Hal", "Ida")


def trigger(person: Person, **conf: object) -> str:
    """A run by hand; its id."""
    answer = person.airflow("POST", f"/dags/{DAG_ID}/dagRuns", json={"logical_date": None, "conf": conf})
    assert answer.ok, answer.text
    return str(answer.json()["dag_run_id"])


def state_of(person: Person, run_id: str) -> str:
    return str(person.airflow("GET", f"/dags/{DAG_ID}/dagRuns/{quote(run_id)}").json()["state"])


def state_of_plan(person: Person, run_id: str) -> str:
    return str(person.airflow("GET", f"/dags/{DAG_ID}/dagRuns/{quote(run_id)}/taskInstances/plan").json()["state"])


def ended(person: Person, run_id: str) -> str:
    assert await_until(lambda: state_of(person, run_id) in {"success", "failed"}, SECONDS)
    return state_of(person, run_id)


def question_of(run_id: str) -> str:
    return f"/dags/{DAG_ID}/dagRuns/{quote(run_id)}/taskInstances/plan/-1/hitlDetails"


def is_at_rest(site: Site, run_id: str) -> bool:
    """Whether the scheduler knows that the task's process has ended. Airflow 3.3.2 loses an answer that comes before
    that, in the second in which the task goes to rest, and asks again after a while."""
    log = site.airflow.process.log.read_text(errors="replace")
    told = "Received executor event with state success"
    return any(told in line and "task_id='plan'" in line and run_id in line for line in log.splitlines())


@pytest.fixture
def held(site: Site) -> Iterator[str]:
    """A run that waits, ours or one by the clock: three people are gone from the CRM."""
    for name in GONE:
        site.association.contact(name, site.news)
    with unpaused(site) as admin:
        assert ended(admin, trigger(admin)) == "success"
        site.association.do("delete from crm.contact where first_name = any(%s)", list(GONE))
        site.standin.clear_requests()
        trigger(admin)
        assert await_until(lambda: site.ask(HELD) != [], SECONDS)
        ((run_id,),) = site.ask(HELD)
        assert await_until(lambda: state_of_plan(admin, run_id) == "awaiting_input", SECONDS)
        assert await_until(lambda: is_at_rest(site, run_id), SECONDS)
        yield run_id
        # Whoever comes next finds nobody whom the CRM does not know.
        ended(admin, run_id)
        assert ended(admin, trigger(admin, allow_removals=True)) == "success"


def test_a_held_run_is_shown_approved_in_the_browser_and_goes_on(site: Site, window: Window, held: str) -> None:
    admin = site.person("admin")
    later = trigger(admin)
    window.log_in(site.airflow.client.base_url, "op")
    window.page.get_by_role("link", name="CRM Sync").click()
    card = window.inside.locator("#mailchimp")
    card.get_by_text("waits for approval, nothing was sent").wait_for()
    assert "would take away 3 of" in card.inner_text()
    card.get_by_role("link", name="Approve or reject it").click()
    window.page.get_by_role("link", name="Look at what the run would do").wait_for()
    window.picture("approval")
    assert (writes(site.standin), state_of(admin, later)) == ([], "queued")

    window.page.get_by_role("button", name="Approve").first.click()

    assert ended(admin, held) == "success"
    assert {audience(site.standin)[f"{name.lower()}@example.org"].status for name in GONE} == {"archived"}
    assert ended(admin, later) == "success"
    notice = site.ask("select notice from crm_sync.run where airflow_run_id = %s", held)[0][0]
    assert "3 people and 3 list memberships was approved by op" in notice
    log = "".join(
        path.read_text() for path in (site.airflow.home / "logs").glob(f"**/run_id={held}/task_id=plan/*.log")
    )
    assert "was approved by op" in log
    assert window.complaints == []


def test_who_may_only_look_cannot_decide_and_a_rejected_run_sends_nothing(site: Site, held: str) -> None:
    answer = {"chosen_options": ["Approve"], "params_input": {}}
    assert site.person("viewer").airflow("PATCH", question_of(held), json=answer).status_code == 403
    assert site.person().airflow("PATCH", question_of(held), json=answer).status_code == 401
    admin = site.person("admin")
    assert state_of(admin, held) == "running"

    assert admin.airflow("PATCH", question_of(held), json={**answer, "chosen_options": ["Reject"]}).ok
    assert ended(admin, held) == "failed"
    assert writes(site.standin) == []
    assert {audience(site.standin)[f"{name.lower()}@example.org"].status for name in GONE} == {"subscribed"}
