"""What tests of every folder share, one per session: a PostgreSQL server, with fresh databases, and each stand-in."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from local.crm_data import create_schema
from local.mariadb import MariaDb
from local.postgres import Postgres
from standins import Fresh, StandIn

pytest_plugins = ["run_in_parallel", "run_as_a_whole"]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server; its data goes away with the session."""
    # Not pytest's own temporary directory: that is closed to the unprivileged user the server runs as under root.
    directory = Path(tempfile.mkdtemp(prefix="crm-sync-postgres-"))
    directory.chmod(0o755)
    with Postgres(directory) as server:
        yield server
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A running MariaDB; its data goes away with the session."""
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="session")
def crm_template(postgres: Postgres) -> Iterator[str]:
    """The name of a database with the reference CRM's schema and no rows, to copy."""
    name = f"crm_template_{os.getpid()}"
    with psycopg.connect(postgres.create_database(name)) as connection:
        create_schema(connection)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def crm(postgres: Postgres, crm_template: str) -> Iterator[str]:
    """The URL of a fresh database with the reference CRM's schema and no rows."""
    name = f"crm_{os.getpid()}_{next(_numbers)}"
    yield postgres.create_database(name, template=crm_template)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def fresh_standin() -> Iterator[Fresh]:
    """The stand-in of the provider it is asked for, as at its start; each runs from then to the end of the session."""
    running: dict[str, StandIn] = {}
    with ExitStack() as stack:

        def fresh(provider: str) -> StandIn:
            if provider not in running:
                running[provider] = stack.enter_context(StandIn(provider))
            running[provider].reset()
            return running[provider]

        yield fresh


@pytest.fixture(scope="session")
def provider(request: pytest.FixtureRequest) -> str:
    """Which provider a test is about: Mailchimp, unless its folder or module says otherwise."""
    return str(getattr(request, "param", "mailchimp"))


@pytest.fixture
def standin(provider: str, fresh_standin: Fresh) -> StandIn:
    """The provider's stand-in with an empty account and an empty request log."""
    return fresh_standin(provider)
