"""What the tests of the SQL files share: a connection, and the small association."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from local.crm_sql import SMALL_ASSOCIATION


@pytest.fixture
def connection(crm: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty CRM; every statement commits."""
    with psycopg.connect(crm, autocommit=True) as opened:
        yield opened


@pytest.fixture
def small(connection: psycopg.Connection) -> psycopg.Connection:
    """A connection to the small association, its change log empty."""
    connection.execute(SMALL_ASSOCIATION)
    return connection
