"""What tests of every folder share: one PostgreSQL server per session, and fresh databases on it."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.crm_data import create_schema
from local.postgres import Postgres

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
