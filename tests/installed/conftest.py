"""The outside world of the stranger: a CRM, a stand-in of each provider, PostgreSQL; all by the checkout's Python."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from installed.place import Place, place_with_airflow
from installed.stranger import Stranger
from local.airflow import airflow_environment, kept_secrets
from local.demo import postgres_connection
from local.demo_standins import DemoStandin, demo_providers
from local.postgres import Postgres, free_port
from workers import members

VERSION, WITH = "CRM_SYNC_TEST_AIRFLOW", "CRM_SYNC_TEST_AIRFLOW_WITH"
PEOPLE = 600


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Airflow of the release that the environment names, and nothing of ours."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-stranger-") as home:
        more = os.environ.get(WITH, "").split()
        yield place_with_airflow(os.environ.get(VERSION, "3.3.2"), more, Path(home))


@pytest.fixture(scope="module")
def stranger(place: Place, postgres: Postgres, crm_template: str) -> Iterator[Stranger]:
    """Connections to all by the environment, and no more: the rest is what the tests tell."""
    with ExitStack() as stack:
        dsns = {each: _database(stack, postgres, each) for each in ("state", "airflow")}
        dsns["crm"] = _database(stack, postgres, "crm", crm_template)
        members.fill(dsns["crm"], contacts=PEOPLE)
        standins = {name: DemoStandin(name, place.home, free_port()) for name in demo_providers()}
        connections = {f"crm_sync_{each}": postgres_connection(dsns[each]) for each in ("crm", "state")}
        connections |= dict(standin.connection() for standin in standins.values())
        for name in ("dags", "plugins"):
            (place.home / name).mkdir()
        port, folders = free_port(), (place.home / "dags", place.home / "plugins")
        path = {"PATH": f"{place.programs}:/usr/bin:/bin"}
        place.environment = airflow_environment(place.home, dsns["airflow"], port, connections, *folders, path)
        for standin in standins.values():
            standin.start([])
            stack.callback(standin.process.stop)
            standin.connect(dsns["state"], lambda: kept_secrets(place.home)["CORE__FERNET_KEY"])
        with Stranger(place, standins, dsns) as made:
            yield made


def _database(stack: ExitStack, postgres: Postgres, name: str, template: str | None = None) -> str:
    full_name = f"installed_{name}_{os.getpid()}"
    stack.callback(postgres.drop_database, full_name)
    return postgres.create_database(full_name, template=template)
