"""Migrations are applied once, lead to sql/ledger/schema.sql, and leave a database of another release alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from crm_sync.errors import ConfigError
from crm_sync.ledger import statements, store
from crm_sync.ledger.database import Database
from local.postgres import Postgres
from local.world import engine_url

CATALOG = Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8")


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    """An empty database."""
    name = f"unit_migrate_{os.getpid()}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


def migrate(dsn: str) -> list[str]:
    engine = create_engine(engine_url(dsn))
    try:
        return store.migrate(Database(engine, "the state database"))
    finally:
        engine.dispose()


def run(dsn: str, text: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(text.encode())


def catalog(dsn: str) -> dict[tuple[str, str], str]:
    """All that the schema crm_sync has, by kind and name."""
    with psycopg.connect(dsn) as connection:
        return {(kind, name): text for kind, name, text in connection.execute(CATALOG.encode())}


def test_two_tasks_that_migrate_at_once_do_so_one_after_the_other(dsn: str) -> None:
    gate = threading.Barrier(2)

    def one(_: int) -> list[str]:
        gate.wait()
        return migrate(dsn)

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(one, range(2)))
    expected = [path.stem for path in statements.migrations()]
    assert expected
    assert done == [[], expected]


def test_migrations_lead_to_the_schema_that_is_shown(dsn: str) -> None:
    migrate(dsn)
    migrated = catalog(dsn)
    run(dsn, "drop schema crm_sync cascade")
    run(dsn, (statements.SQL / "ledger/schema.sql").read_text(encoding="utf-8"))
    shown = catalog(dsn)
    assert len(shown) > 500
    assert {key: text for key, text in migrated.items() if shown.get(key) != text} == {}
    assert migrated.keys() == shown.keys()


def test_a_difference_of_a_schema_is_seen(dsn: str) -> None:
    migrate(dsn)
    before = catalog(dsn)
    for change in (
        "alter table crm_sync.holding alter column tries set default 1",
        "comment on table crm_sync.holding is 'another'",
        "drop index crm_sync.holding_absent",
        "alter table crm_sync.holding set (fillfactor = 81)",
        "alter table crm_sync.outcome drop constraint outcome_status_check",
        "create or replace function crm_sync.tally_run(which bigint) returns void language sql as ''",
        "drop trigger tally_when_ended on crm_sync.run",
    ):
        run(dsn, change)
        after = catalog(dsn)
        assert after != before, change
        before = after


def test_every_table_and_view_says_what_it_is(dsn: str) -> None:
    migrate(dsn)
    relations = {name: text for (kind, name), text in catalog(dsn).items() if kind == "relation"}
    assert len(relations) > 30
    assert [name for name, text in relations.items() if not text.partition(": ")[2]] == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["0001_ledger", "0023_rows_per_subscriber"], r"before the first release.*remove \.demo.*operating\.md"),
        (["0001_schema", "9999_later"], r"newer release \(9999_later\); install that release"),
    ],
)
def test_a_database_of_another_release_is_refused_and_left_as_it_is(names: list[str], said: str, dsn: str) -> None:
    table = "create schema crm_sync; create table crm_sync.migration (name text primary key)"
    rows = "".join(f"; insert into crm_sync.migration values ('{name}')" for name in names)
    run(dsn, table + rows)
    before = catalog(dsn)
    with pytest.raises(ConfigError, match=said):
        migrate(dsn)
    assert catalog(dsn) == before
