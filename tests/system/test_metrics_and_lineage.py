"""What others are told of real runs: numbers to a collector of metrics, and datasets to a collector of lineage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from crm_sync.operators.metrics import COUNTERS, GAUGES
from crm_sync.pipeline import STAGES
from local.postgres import Postgres
from standins import Fresh
from system.airflow_home import REPOSITORY
from system.association import PERSON, Association
from system.collector import Collector, series
from system.connections import connected

TESTS = REPOSITORY / "tests"
JOB = "crm_to_mailchimp"
TABLES = ("change_log", "contact", "email_address", "list", "list_member", "membership", "relationship")


@dataclass(frozen=True)
class Observed:
    """What was told of a first run, its record made again, and a run that found nothing changed."""

    answer: dict[str, Any]
    collector: Collector
    events: list[dict[str, Any]]
    calls: int
    crm: dict[str, Any]
    host: str

    def datasets(self, stage: str, kind: str, *, event: str = "COMPLETE") -> set[tuple[str, str]]:
        """Namespace and name of the inputs or outputs that the first events of a task name."""
        told = [each for each in self.events if each["job"]["name"] == f"{JOB}.{stage}" and each["eventType"] == event]
        assert told, f"{stage} told nothing"
        return {(each["namespace"], each["name"]) for each in told[0][kind]}


@pytest.fixture(scope="module")
def observed(
    postgres: Postgres, crm_template: str, dag: Any, fresh_standin: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observed]:
    """Three subscribers: one fits, one's address the provider refuses, one's is set aside."""
    folder = tmp_path_factory.mktemp("observed")
    names = [f"observed_{kind}_{os.getpid()}" for kind in ("crm", "state")]
    crm, state = postgres.create_database(names[0], template=crm_template), postgres.create_database(names[1])
    standin, association = fresh_standin("mailchimp"), Association(crm)
    news = association.list("News")
    association.contact("Ann", news)
    association.contact("Bob", news, address="bob@fake.example.org")
    association.contact("Cid", news, address="cid at example.org")
    with Collector() as collector, pytest.MonkeyPatch.context() as patch:
        connected("mailchimp", crm, state, standin, patch)
        told = told_to(collector, folder)
        answer, log = folder / "answer.json", folder / "log"
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "system.observed_run", "mailchimp", str(answer)],
                env={**os.environ, **told},
                cwd=TESTS,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        assert done.returncode == 0, log.read_text(errors="replace")[-3000:]
        events = [json.loads(line) for line in (folder / "events").read_text().splitlines()]
        calls = standin.requests(brief=1)["total"]
        host = standin.url.removeprefix("http://")
        yield Observed(json.loads(answer.read_text()), collector, events, calls, conninfo_to_dict(crm), host)
    for name in names:
        postgres.drop_database(name)


def told_to(collector: Collector, folder: Path) -> dict[str, str]:
    """The settings that switch both on."""
    transport = {"type": "file", "log_file_path": str(folder / "events"), "append": True}
    return {
        "PYTHONPATH": f"{REPOSITORY / 'plugins'}{os.pathsep}{TESTS}",
        "AIRFLOW__METRICS__OTEL_ON": "True",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
    }


def test_the_counts_of_a_recorded_run_arrive_once(observed: Observed) -> None:
    recorded = observed.answer["record"]
    assert recorded["set_aside"] == 1
    assert recorded["applied"] >= 2
    assert recorded["refused"] >= 1
    assert (observed.answer["again"], observed.answer["idle"]) == ("success", "skipped")

    for name in ("applied", "refused", "deferred", "set_aside"):
        counted = observed.collector.counted[series(f"airflow.crm_sync.{name}", provider="mailchimp")]
        assert counted == recorded[name], name


def test_the_calls_of_all_stages_are_those_the_provider_saw(observed: Observed) -> None:
    by_stage = {
        dict(tags)["stage"]: counted
        for (name, tags), counted in observed.collector.counted.items()
        if name == "airflow.crm_sync.calls"
    }
    assert by_stage.keys() == set(STAGES)
    assert by_stage["load"] > 0
    assert sum(by_stage.values()) == observed.calls


def test_it_is_told_how_long_each_stage_took_and_how_old_the_state_is(observed: Observed) -> None:
    gauges = observed.collector.gauges
    for stage in STAGES:
        assert gauges[series("airflow.crm_sync.stage_seconds", provider="mailchimp", stage=stage)] > 0
    assert 0 < gauges[series("airflow.crm_sync.lag", provider="mailchimp")] < 60


def test_nothing_arrives_that_is_not_documented(observed: Observed) -> None:
    without_a_limit = {"airflow.crm_sync.quota"}  # Mailchimp has none a day
    told = {f"airflow.{name}" for name in [*COUNTERS, *GAUGES]} - without_a_limit
    assert observed.collector.named("airflow.crm_sync") == told


def test_lineage_names_the_tables_that_are_read_and_the_lists_that_are_kept(observed: Observed) -> None:
    server = f"postgres://{observed.crm['host']}:{observed.crm['port']}"
    tables = {(server, f"{observed.crm['dbname']}.crm.{table}") for table in TABLES}
    lists = {(f"mailchimp://{observed.host}", "News")}

    assert observed.datasets("extract", "inputs", event="START") == tables
    assert observed.datasets("extract", "inputs") == tables
    assert observed.datasets("extract", "outputs") == set()
    for stage in ("load", "record"):
        assert observed.datasets(stage, "inputs") == tables
        assert observed.datasets(stage, "outputs") == lists
    assert observed.datasets("plan", "inputs") == set()


def test_nobody_is_named_in_it(observed: Observed) -> None:
    assert "News" in json.dumps(observed.events)
    assert not PERSON.search(json.dumps(observed.events))
    assert not PERSON.search(str([*observed.collector.counted, *observed.collector.gauges]))
