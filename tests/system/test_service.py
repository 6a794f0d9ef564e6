"""Scheduler, API server and executor as a data team runs them: asked over REST, on the command line, by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import requests

from local.airflow import AirflowService, airflow_environment
from local.background import await_until
from local.postgres import Postgres, free_port
from standins.process import StandIn
from system.association import (
    DAG_ID,
    Association,
    Held,
    as_environment,
    assert_nobody_is_named,
    audience,
    connections,
    writes,
)

RUN_SECONDS = 300.0
NEWS = Held("subscribed", frozenset({"News"}))


@dataclass
class Site:
    """An association with everything it runs, Ann and Bob in News, first synchronization done."""

    association: Association
    standin: StandIn
    airflow: AirflowService
    state_dsn: str
    ann: int
    news: int

    def run(self, **conf: object) -> str:
        """A run by hand over REST; the state it ended in."""
        run_id = self.airflow.client.trigger(DAG_ID, conf)
        return self.airflow.client.await_run(DAG_ID, run_id, RUN_SECONDS)

    def cursor(self) -> list[tuple[object, ...]]:
        """Where the pipeline stands in the CRM's changes."""
        return self.ask("select snapshot from crm_sync.cursor where provider = 'mailchimp'")

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def logs(self) -> str:
        """All that tasks wrote into Airflow's log folder."""
        files = sorted((self.airflow.home / "logs").glob(f"dag_id={DAG_ID}/**/*.log"))
        return "\n".join(f"{path}\n{path.read_text(errors='replace')}" for path in files)


@pytest.fixture(scope="module")
def site(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    names = {each: f"service_{each}_{os.getpid()}" for each in ("crm", "state", "airflow")}
    crm_dsn = postgres.create_database(names["crm"], template=crm_template)
    state_dsn, metadata_dsn = (postgres.create_database(names[each]) for each in ("state", "airflow"))
    association = Association(crm_dsn)
    news = association.list("News")
    ann, _ = association.contact("Ann", news), association.contact("Bob", news)
    with tempfile.TemporaryDirectory(prefix="crm-sync-service-") as home, StandIn("mailchimp") as standin:
        more = {**as_environment(connections(crm_dsn, state_dsn, standin.url)), "CRM_SYNC_BACKOFF_SECONDS": "0.01"}
        environment = airflow_environment(Path(home), metadata_dsn, free_port(), more=more)
        with AirflowService(Path(home), environment) as airflow:
            made = Site(association, standin, airflow, state_dsn, ann, news)
            airflow.client.await_dag(DAG_ID)
            run_id = airflow.client.trigger(DAG_ID, {"mode": "full"})
            airflow.client.unpause(DAG_ID)
            assert airflow.client.await_run(DAG_ID, run_id, RUN_SECONDS) == "success", airflow.client.failed_task_logs(
                DAG_ID, run_id
            )
            yield made
    for each in names.values():
        postgres.drop_database(each)


def test_a_run_triggered_over_rest_brings_the_crm_across(site: Site) -> None:
    assert {address: audience(site.standin)[address] for address in ("ann@example.org", "bob@example.org")} == {
        "ann@example.org": NEWS,
        "bob@example.org": NEWS,
    }
    site.association.contact("Cid", site.news)

    assert site.run(mode="changes") == "success"

    assert audience(site.standin)["cid@example.org"] == NEWS


def test_a_dry_run_triggered_over_rest_sends_nothing(site: Site) -> None:
    site.association.contact("Dora", site.news)
    site.airflow.client.pause(DAG_ID)  # no run by the clock in between
    try:
        site.standin.clear_requests()
        run_id = site.airflow.client.trigger(DAG_ID, {"dry_run": True})
        site.airflow.client.unpause(DAG_ID)
        assert site.airflow.client.await_run(DAG_ID, run_id, RUN_SECONDS) == "success"
        states = site.airflow.client.task_states(DAG_ID, run_id)
        assert (states["plan"], states["load"], states["record"]) == ("success", "skipped", "skipped")
        assert site.standin.requests()["total"] > 0
        assert writes(site.standin) == []
        assert "dora@example.org" not in audience(site.standin)
    finally:
        site.airflow.client.unpause(DAG_ID)


def test_a_backfill_sends_again_who_changed_in_that_time_and_leaves_the_cursor(site: Site) -> None:
    assert site.run() == "success"
    site.standin.act("set_merge_fields", address="ann@example.org", merge_fields={"FNAME": "Spoiled"})
    now = datetime.now(UTC)
    tick = now - timedelta(minutes=now.minute % 10, seconds=now.second, microseconds=now.microsecond)
    # Ann changed in an interval that has ended, and is not touched by runs of changes any more.
    site.association.do("update crm.change_log set changed_at = %s", tick - timedelta(minutes=15))
    before, count = site.cursor(), len(site.ask("select 1 from crm_sync.run where mode = 'backfill'"))
    assert before

    first, last = tick - timedelta(minutes=20), tick - timedelta(minutes=11)
    backfill(site, first, last)

    def is_over() -> bool:
        made = site.ask("select state from crm_sync.run where mode = 'backfill'")
        return len(made) > count and all(state in {"recorded", "failed", "idle"} for (state,) in made)

    assert await_until(is_over, RUN_SECONDS)
    found = site.ask("select state, since, until from crm_sync.run where mode = 'backfill' order by run_id")
    assert ("recorded", first, first + timedelta(minutes=10)) in found
    names = {each["address"]: each["merge_fields"]["FNAME"] for each in site.standin.state()["members"]}
    assert names["ann@example.org"] == "Ann"
    assert site.cursor() == before


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
    for stage in ("opt_outs", "load", "record"):
        assert f"task_id={stage}" in logs
    assert_nobody_is_named(logs)
