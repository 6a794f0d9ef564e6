"""What unit tests of the engine share: a fresh, migrated state database."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from local.postgres import Postgres
from local.world import engine_url

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def state_template(postgres: Postgres) -> str:
    """The name of a migrated state database, to copy."""
    name = f"unit_state_template_{os.getpid()}"
    engine = create_engine(engine_url(postgres.create_database(name)))
    store.migrate(Database(engine, "the state database"))
    engine.dispose()
    return name


@pytest.fixture
def state(postgres: Postgres, state_template: str) -> Iterator[Database]:
    """A migrated state database of its own."""
    name = f"unit_state_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(engine_url(postgres.create_database(name, template=state_template)))
    yield Database(engine, "the state database")
    engine.dispose()
    postgres.drop_database(name)
