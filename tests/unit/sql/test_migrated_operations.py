"""A ledger with a row for each membership keeps what it knows when it becomes one with a row for each subscriber."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine

from crm_sync import store
from crm_sync.database import Database, sql_folder
from local.postgres import Postgres
from local.world import engine_url

BEFORE = "0023_rows_per_subscriber"
# verb, subject, list, status, reason, remote id, ticket, sent
OPERATIONS = [
    ("create_list", None, 1, "applied", None, "tag-1", None, True),
    ("create", "one@example.org", None, "applied", None, None, None, True),
    ("add_to_list", "one@example.org", 1, "applied", None, None, None, True),
    ("create", "two@example.org", None, "refused", "compliance", None, None, True),
    ("add_to_list", "two@example.org", 1, "deferred", "load_failed", None, None, False),
    ("remove_from_list", "two@example.org", 1, "sent", None, None, "ticket", True),
    ("archive", "three@example.org", None, "pending", None, None, None, False),
    ("archive", "four@example.org", None, "pending", None, None, None, False),
]
CALLED = ("archive", "four@example.org", None, "sent", None, None, None, True)


@pytest.fixture
def old(postgres: Postgres) -> Iterator[str]:
    """A database as the releases before made it, with a run under way."""
    name = f"unit_migrated_{os.getpid()}"
    dsn = postgres.create_database(name)
    folder = sql_folder() / "state"
    with psycopg.connect(dsn) as state:
        state.execute((folder / "schema_create.sql").read_bytes())
        for path in sorted((folder / "migrations").glob("*.sql")):
            if path.stem < BEFORE:
                state.execute(path.read_bytes())
                state.execute((folder / "migration_done.sql").read_text(), {"name": path.stem})
        state.execute(
            "insert into crm_sync.run (provider, airflow_run_id, mode, state) values ('a', 'one', 'full', 'planned')"
        )
        state.cursor().executemany(
            "insert into crm_sync.operation"
            " (run_id, provider, verb, subject, list_id, status, reason, remote_id, ticket, sent_at)"
            " values (1, 'a', %s, %s, %s, %s, %s, %s, %s, case when %s then now() end)",
            OPERATIONS,
        )
        # A load died: the last one may have been called.
        state.execute(
            "insert into crm_sync.sent (run_id, operation_ids)"
            " select 1, array[max(operation_id)] from crm_sync.operation"
        )
    yield dsn
    postgres.drop_database(name)


def test_every_operation_is_told_as_before(old: str) -> None:
    engine = create_engine(engine_url(old))
    assert store.migrate(Database(engine, "the state database"))[0] == BEFORE
    engine.dispose()
    with psycopg.connect(old) as state:
        told = state.execute(
            "select verb, subject, list_id, status, reason, remote_id, ticket, sent_at is not null"
            " from crm_sync.operation order by operation_id"
        ).fetchall()
        assert told[-1] == CALLED
        before = OPERATIONS[:-1]
        assert told[:-1] == [(*asked[:7], True) if asked[3] == "applied" else asked for asked in before]
        state.execute("insert into crm_sync.planned_operation (run_id, provider, verb) values (1, 'a', 'archive')")
        (last,) = state.execute("select max(operation_id) from crm_sync.planned_operation").fetchone() or (0,)
        assert last > len(OPERATIONS)
