"""One Airflow for the session; fresh databases and an empty account for each test."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from local.postgres import Postgres
from standins.process import StandIn
from system.accounts import Account, allow, spare_waiting
from system.airflow_home import spare_airflow_its_warnings, use_own_airflow
from system.association import Association
from system.connections import connected
from system.mailbox import DATA_TEAM, Mailbox
from system.members import MemberAssociation
from system.runs import Runs, dag_of, watched_runs
from system.sync_page import CHROMIUM, Window, browser_window
from system.webhooks import Webhooks

use_own_airflow()

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder let Airflow warn."""
    spare_airflow_its_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def dag(provider: str) -> Any:
    """The provider's DAG, with Airflow's own database ready for its runs."""
    return dag_of(provider)


@pytest.fixture
def account(provider: str, standin: StandIn) -> Account:
    """The account that the stand-in holds, where the provider sends e-mail."""
    return Account(provider, standin)


@pytest.fixture
def state_dsn(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database for the pipeline's state."""
    name = f"state_{os.getpid()}_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def association(crm: str) -> MemberAssociation:
    """A CRM without anybody; the rules of e-mail need no more of it than an Association."""
    return MemberAssociation(crm)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server on a socket, where alerts to the data team arrive."""
    with Mailbox() as box:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", box.connection())
        monkeypatch.setenv("CRM_SYNC_ALERT_EMAILS", DATA_TEAM)
        yield box


@pytest.fixture
def told(state_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What Slack was sent, with a state database behind it."""
    parts = conninfo_to_dict(state_dsn)
    connection = {"conn_type": "postgres", "host": parts["host"], "port": int(str(parts["port"])), "login": "postgres"}
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_STATE", json.dumps({**connection, "schema": parts["dbname"]}))
    monkeypatch.setenv("CRM_SYNC_ALERT_CHANNELS", "slack")
    with Webhooks() as hooks:
        for name, value in hooks.environment().items():
            monkeypatch.setenv(name, value)
        yield hooks.slack


@pytest.fixture
def runs(
    dag: Any,
    association: Association,
    state_dsn: str,
    provider: str,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Runs]:
    """Airflow, connected to all of the above; no log of any task may name a person or the key."""
    key = connected(provider, association.crm_dsn, state_dsn, standin, monkeypatch)
    spare_waiting(provider, standin, monkeypatch)
    allow(provider)
    yield from watched_runs(dag, state_dsn, key, capfd)


@pytest.fixture
def window() -> Iterator[Window]:
    """A browser; the tests of what is seen are skipped where `make browser` was never run."""
    pytest.importorskip("playwright", reason="no playwright in this environment")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}: make browser installs it")
    with browser_window() as made:
        yield made
