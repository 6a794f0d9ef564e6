"""A plan that would take away too much is decided about in Airflow's UI, by those who may; no answer is lost, however
soon it comes, and runs go on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from crm_sync.pages import APPROVAL_DAG
from local.background import await_until
from system.association import DAG_ID, audience, writes
from system.pages.clicks import Clicks
from system.pages.test_jobs import MOST
from system.sync_page import Person, Site, Window, unpaused

SECONDS = 300.0
pytestmark = pytest.mark.timeout(3 * SECONDS)
GONE = ("Gus", "Hal", "Ida")
APPROVE = {"chosen_options": ["Approve"], "params_input": {}}


def trigger(person: Person, dag_id: str = DAG_ID, **conf: object) -> str:
    """A run by hand; its id."""
    answer = person.airflow("POST", f"/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf})
    assert answer.ok, answer.text
    return str(answer.json()["dag_run_id"])


def state_of(person: Person, run_id: str, dag_id: str = DAG_ID) -> str:
    return str(person.airflow("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}").json()["state"])


def ended(person: Person, run_id: str, dag_id: str = DAG_ID) -> str:
    assert await_until(lambda: state_of(person, run_id, dag_id) in {"success", "failed"}, SECONDS)
    return state_of(person, run_id, dag_id)


def question_of(run_id: str) -> str:
    return f"/dags/{APPROVAL_DAG}/dagRuns/{quote(run_id)}/taskInstances/ask/-1/hitlDetails"


def state_of_asking(person: Person, run_id: str) -> str:
    task = person.airflow("GET", f"/dags/{APPROVAL_DAG}/dagRuns/{quote(run_id)}/taskInstances/ask")
    return str(task.json().get("state"))


def asked_in(person: Person, site: Site) -> str:
    """The run in which the newest question is asked, once it waits for an answer."""
    ((number,),) = site.ask("select max(question_id) from crm_sync.question where status = 'open'")

    def runs() -> list[str]:
        found = person.airflow("GET", f"/dags/{APPROVAL_DAG}/dagRuns", params={"limit": 100}).json()["dag_runs"]
        return [each["dag_run_id"] for each in found if each["dag_run_id"].startswith(f"mailchimp__{number}__")]

    assert await_until(lambda: bool(runs()), SECONDS)
    (run_id,) = runs()
    assert await_until(lambda: state_of_asking(person, run_id) == "awaiting_input", SECONDS)
    return run_id


def status_of_questions(site: Site, *numbers: int) -> set[str]:
    rows = site.ask("select status from crm_sync.question where question_id = any(%s)", list(numbers))
    return {status for (status,) in rows}


@pytest.fixture
def held(site: Site) -> Iterator[str]:
    """The run in which a person is asked: three people are gone from the CRM."""
    for name in GONE:
        site.association.contact(name, site.news)
    with unpaused(site) as admin:
        assert ended(admin, trigger(admin)) == "success"
        site.association.do("delete from crm.contact where first_name = any(%s)", list(GONE))
        site.standin.clear_requests()
        assert ended(admin, trigger(admin)) == "success"
        yield asked_in(admin, site)
        # Whoever comes next finds nobody whom the CRM does not know.
        assert ended(admin, trigger(admin, allow_removals=True)) == "success"


def test_a_held_plan_is_shown_approved_in_the_browser_and_sent(site: Site, window: Window, held: str) -> None:
    admin = site.person("admin")
    # Another run does not wait, and has nothing to do.
    assert ended(admin, trigger(admin)) == "success"
    window.log_in(site.airflow.client.base_url, "op")
    hand = Clicks(window)
    hand.sync_page()
    card = window.inside.locator("#mailchimp")
    card.get_by_text("waits for a person").wait_for()
    assert "The plan removes 3 of" in card.inner_text()
    hand(card.get_by_role("link", name="Approve or reject it"))
    window.page.get_by_role("link", name="See what the run would do").wait_for()
    window.page.get_by_role("cell", name="deleted from the CRM, or without an address").first.wait_for()
    window.picture("approval")
    assert writes(site.standin) == []

    hand(window.page.get_by_role("button", name="Approve").first)
    assert hand.number == MOST

    assert ended(admin, held, APPROVAL_DAG) == "success"
    approved = f"approved__{held}"
    assert ended(admin, approved) == "success"
    assert {audience(site.standin)[f"{name.lower()}@example.org"].status for name in GONE} == {"archived"}
    allowed_by = site.ask("select allowed_by, state from crm_sync.run where airflow_run_id = %s", approved)
    assert allowed_by == [("op", "recorded")]
    window.page.goto(f"{site.airflow.client.base_url}/dags/{DAG_ID}/runs/{quote(approved)}/plugin/crm-sync-run")
    window.inside.get_by_text("People disabled").first.wait_for()
    window.picture("run-tab")
    assert window.complaints == []


def test_who_may_only_look_cannot_decide_and_a_rejected_plan_is_not_sent(site: Site, held: str) -> None:
    assert site.person("viewer").airflow("PATCH", question_of(held), json=APPROVE).status_code == 403
    assert site.person().airflow("PATCH", question_of(held), json=APPROVE).status_code == 401
    admin = site.person("admin")

    assert admin.airflow("PATCH", question_of(held), json={**APPROVE, "chosen_options": ["Reject"]}).ok
    assert ended(admin, held, APPROVAL_DAG) == "success"
    assert writes(site.standin) == []
    assert {audience(site.standin)[f"{name.lower()}@example.org"].status for name in GONE} == {"subscribed"}
    rejected = site.ask("select status, answered_by from crm_sync.question order by question_id desc limit 1")
    assert rejected == [("rejected", "admin")]


def test_a_question_that_a_later_plan_makes_pointless_ends_and_the_alert_with_it(site: Site, held: str) -> None:
    admin = site.person("admin")
    for name in GONE:
        site.association.contact(name, site.news)
    assert ended(admin, trigger(admin)) == "success"
    assert ended(admin, held, APPROVAL_DAG) == "success"
    assert state_of_asking(admin, held) == "success"
    assert site.ask("select kind from crm_sync.alert where kind = 'brake_waiting'") == []


def open_questions(site: Site, providers: list[str]) -> dict[str, int]:
    """A question for each provider, as a held run writes it; provider → number."""
    numbers = {}
    for provider in providers:
        rows = site.ask(
            "with run as (insert into crm_sync.run (provider, airflow_run_id, mode, state)"
            " values (%s, gen_random_uuid()::text, 'changes', 'held') returning run_id, provider)"
            " insert into crm_sync.question (provider, run_id, mode, weighed, why)"
            " select provider, run_id, 'changes', '{}', 'a test asks' from run returning question_id",
            provider,
        )
        numbers[provider] = int(rows[0][0])
    return numbers


@pytest.mark.parametrize("turn", [1, 2])
def test_an_answer_counts_however_soon_it_comes(site: Site, turn: int) -> None:
    admin = site.person("admin")
    site.ask(
        "update crm_sync.question set status = 'withdrawn', taken_back = true where status in ('open', 'approved')"
    )
    numbers = open_questions(site, sorted(site.standins))
    asked = {each: trigger(admin, APPROVAL_DAG, question=number, provider=each) for each, number in numbers.items()}
    answered: dict[str, Any] = {}

    def all_are_answered() -> bool:
        for run_id in asked.values():
            if run_id not in answered and admin.airflow("GET", question_of(run_id)).ok:
                answered[run_id] = admin.airflow("PATCH", question_of(run_id), json=APPROVE).status_code
        return len(answered) == len(asked)

    assert await_until(all_are_answered, SECONDS, every_seconds=0.05)
    assert set(answered.values()) == {200}
    assert await_until(lambda: status_of_questions(site, *numbers.values()) == {"approved"}, SECONDS)
    for run_id in asked.values():
        assert ended(admin, run_id, APPROVAL_DAG) == "success"
    site.ask("update crm_sync.question set status = 'withdrawn', taken_back = true where status = 'approved'")
