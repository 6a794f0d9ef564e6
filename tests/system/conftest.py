"""One Airflow, PostgreSQL server and stand-in for the session; fresh databases and an empty audience for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.postgres import Postgres
from standins.process import StandIn
from system.airflow_home import REPOSITORY, spare_airflow_its_warnings, use_own_airflow
from system.association import Association, as_environment, assert_nobody_is_named, connections
from system.mailbox import DATA_TEAM, Mailbox
from system.runs import Runs

use_own_airflow()

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder let Airflow warn."""
    spare_airflow_its_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def dag() -> Any:
    """The DAG, with Airflow's own database ready for its runs."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(REPOSITORY / "dags")
    assert not bag.import_errors
    return bag.dags["crm_to_mailchimp"]


@pytest.fixture(scope="session")
def standin_process() -> Iterator[StandIn]:
    """A running stand-in of Mailchimp."""
    with StandIn("mailchimp") as running:
        yield running


@pytest.fixture
def standin(standin_process: StandIn) -> StandIn:
    """The stand-in with an empty audience and an empty request log."""
    standin_process.reset()
    return standin_process


@pytest.fixture
def state_dsn(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database for the pipeline's state."""
    name = f"state_{os.getpid()}_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def association(crm: str) -> Association:
    """A CRM without anybody."""
    return Association(crm)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server on a socket, where alerts to the data team arrive."""
    with Mailbox() as box:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", box.connection())
        monkeypatch.setenv("CRM_SYNC_ALERT_EMAILS", DATA_TEAM)
        yield box


@pytest.fixture
def runs(
    dag: Any,
    association: Association,
    state_dsn: str,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Runs]:
    """Airflow, connected to all of the above; no log of any task may name a person or the key."""
    made = connections(association.crm_dsn, state_dsn, standin.url)
    for name, value in as_environment(made).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CRM_SYNC_BACKOFF_SECONDS", "0.01")
    monkeypatch.setenv("CRM_SYNC_ATTEMPTS", "2")
    runs = Runs(dag, state_dsn)
    yield runs
    said = capfd.readouterr()
    assert_nobody_is_named(said.out + said.err, has_run=runs.last is not None)
