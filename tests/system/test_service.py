"""Scheduler, API server and executor as a data team runs them: asked over REST, on the command line, by the clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from local.background import await_until
from local.postgres import Postgres
from system.accounts import subscribed
from system.association import DAG_ID, assert_nobody_is_named, audience, writes
from system.mailbox import DATA_TEAM, Mailbox
from system.sites import RUN_SECONDS, Site, open_site

NEWS = subscribed("News")


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    """Where the alerts of the site's Airflow arrive."""
    with Mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def site(postgres: Postgres, crm_template: str, post: Mailbox) -> Iterator[Site]:
    """Ann and Bob are subscribed: the first synchronization is done."""
    alerts = {"AIRFLOW_CONN_SMTP_DEFAULT": post.connection(), "CRM_SYNC_ALERT_EMAILS": DATA_TEAM}
    with open_site(postgres, crm_template, "mailchimp", alerts) as made:
        run_id = made.begin()
        assert made.ended(run_id) == "success", made.why(run_id)
        yield made


def cursor(site: Site) -> list[tuple[object, ...]]:
    """Where the pipeline stands in the CRM's changes."""
    return site.ask("select snapshot from crm_sync.cursor where provider = 'mailchimp'")


def test_a_run_triggered_over_rest_brings_the_crm_across(site: Site) -> None:
    assert {address: audience(site.standin)[address] for address in ("ann@example.org", "bob@example.org")} == {
        "ann@example.org": NEWS,
        "bob@example.org": NEWS,
    }
    site.association.contact("Cid", site.news)

    assert site.run(mode="changes") == "success"

    assert audience(site.standin)["cid@example.org"] == NEWS


def spoil_ann(site: Site) -> None:
    """Somebody renames Ann there: no run of changes sees it, a full one and a backfill do."""
    site.standin.act("set_merge_fields", address="ann@example.org", merge_fields={"FNAME": "Spoiled"})


def name_of_ann(site: Site) -> str:
    """What Ann is called there."""
    names = {each["address"]: each["merge_fields"]["FNAME"] for each in site.standin.state()["members"]}
    return str(names["ann@example.org"])


def test_a_dry_run_triggered_over_rest_sends_nothing(site: Site) -> None:
    assert site.run(mode="changes") == "success"  # nothing is left that a run by the clock could send
    spoil_ann(site)
    site.standin.clear_requests()
    run_id = site.airflow.client.trigger(DAG_ID, {"dry_run": True, "mode": "full"})
    assert site.ended(run_id) == "success", site.why(run_id)
    states = site.airflow.client.task_states(DAG_ID, run_id)
    assert (states["plan"], states["load"], states["record"]) == ("success", "skipped", "skipped")
    assert site.standin.requests()["total"] > 0
    assert writes(site.standin) == []
    assert name_of_ann(site) == "Spoiled"


def test_a_backfill_sends_again_who_changed_in_that_time_and_leaves_the_cursor(site: Site) -> None:
    assert site.run() == "success"
    spoil_ann(site)
    now = datetime.now(UTC)
    tick = now - timedelta(minutes=now.minute % 10, seconds=now.second, microseconds=now.microsecond)
    # Ann changed in an interval that has ended, and is not touched by runs of changes any more.
    site.association.do("update crm.change_log set changed_at = %s", tick - timedelta(minutes=15))
    before, count = cursor(site), len(site.ask("select 1 from crm_sync.run where mode = 'backfill'"))
    assert before

    first, last = tick - timedelta(minutes=20), tick - timedelta(minutes=11)
    backfill(site, first, last)

    def is_over() -> bool:
        made = site.ask("select state from crm_sync.run where mode = 'backfill'")
        return len(made) > count and all(state in {"recorded", "failed", "idle"} for (state,) in made)

    assert await_until(is_over, RUN_SECONDS)
    found = site.ask("select state, since, until from crm_sync.run where mode = 'backfill' order by run_id")
    assert ("recorded", first, first + timedelta(minutes=10)) in found
    assert name_of_ann(site) == "Ann"
    assert cursor(site) == before


def backfill(site: Site, first: datetime, last: datetime) -> None:
    """`airflow backfill create`, as an operator types it."""
    airflow = Path(sys.executable).parent / "airflow"
    bounds = ["--from-date", first.isoformat(), "--to-date", last.isoformat()]
    command = [str(airflow), "backfill", "create", "--dag-id", DAG_ID, *bounds, "--reprocess-behavior", "completed"]
    done = subprocess.run(command, env=site.airflow.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_trigger_form_refuses_what_is_not_in_it(site: Site) -> None:
    base = site.airflow.client.base_url
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {session.get(f'{base}/auth/token').json()['access_token']}"
        body = {"logical_date": None, "conf": {"mode": "everything"}}
        answer = session.post(f"{base}/api/v2/dags/{DAG_ID}/dagRuns", json=body, timeout=30)
    assert answer.status_code == 400
    assert "everything" in answer.text


def test_no_task_log_names_a_person_or_the_key_even_when_the_key_is_refused(site: Site) -> None:
    site.association.contact("Eve", site.news, address="eve at example.org")
    site.standin.switch(api_key="another-us1")
    try:
        assert site.run() == "failed"
    finally:
        site.standin.switch(api_key="standin-us1")
    assert site.run() == "success"

    logs = site.logs()
    assert "refused the key (401)" in logs
    for task in ("extract", "load", "record"):
        assert f"task_id={task}" in logs
    assert "validate: " in logs
    assert "great_expectations" not in logs, "it tells of itself, at length, where it is let"
    assert_nobody_is_named(logs)
