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
from standins import conformance

_numbers = itertools.count(1)
RECORD = "STANDIN_RECORD"
LAST = "test_whole_run.py"


def pytest_configure(config: pytest.Config) -> None:
    """Where a vendor's schema is at hand, every stand-in of this run records what it was asked and answered."""
    if RECORD not in os.environ and any(map(conformance.specs, conformance.checked_providers())):
        folder = tempfile.mkdtemp(prefix="crm-sync-exchanges-")
        os.environ[RECORD] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the whole run comes last, whatever the order of the others."""
    items.sort(key=lambda item: item.path.name == LAST)


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
