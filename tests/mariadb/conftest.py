"""A small CRM in a real MariaDB, read by statements of its own, and a table of PostgreSQL that its rows go to."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from contract import worlds
from crm_sync.ledger import statements
from crm_sync.ledger.database import Database
from crm_sync.ledger.opening import database
from crm_sync.pipeline.extract import CONTACT_COLUMNS
from local.mariadb import MariaDb
from local.postgres import Postgres
from local.world import engine_url
from mariadb.civicrm import site as site
from mariadb.civicrm import tables as tables
from mariadb.civicrm import world as world

_numbers = itertools.count(1)
PEOPLE = """
    create table person (id int primary key, name varchar(100), address varchar(200), flag bit(1), joined date,
        constraint one unique (id)) engine=InnoDB;
    insert into person select seq, concat('Person ', seq), concat('p', seq, '@example.org'), b'0', '2020-01-31'
        from seq_1_to_{number};
"""
_QUERY = """-- name: subscribers (contact_ids, subscriber_keys) -> {columns}
select id as contact_id, 'individual' as kind, name as first_name, null as last_name, null as organization_name,
    address, address as subscriber_key, {do_not_contact} as do_not_contact, {lists} as lists, null as flagged_lists
from person
where %(contact_ids)s is null or %(subscriber_keys)s is null
   or id in (select asked.id from json_table(%(contact_ids)s, '$[*]' columns (id bigint path '$')) as asked)
"""


@dataclass
class Crm:
    """The database of one test: ``crm`` as the pipeline reads it, ``state`` where its rows go, ``do`` to change it."""

    server: MariaDb
    name: str
    engine: Engine
    crm: Database
    state: Database
    write: Callable[..., None]

    def do(self, text: str) -> list[tuple[Any, ...]]:
        return self.server.do(self.name, text)

    def copied(self, **asked: Any) -> list[tuple[Any, ...]]:
        """What arrives of everybody, or of those asked for."""
        given = {"contact_ids": None, "subscriber_keys": None, **asked}
        columns = CONTACT_COLUMNS["subscribers"]
        with self.state.transaction() as state, self.crm.transaction(snapshot=True) as crm:
            state.script("create temporary table there (like crm_sync.extracted including defaults) on commit drop")
            crm.copy_into(state, "pg_temp.there", "crm/extract/subscribers", columns, {"run_id": 1}, **given)
            cursor = state.driver.execute(f"select {', '.join(columns)} from there order by contact_id".encode())
            return cursor.fetchall()


@pytest.fixture(scope="session")
def state(postgres: Postgres) -> Iterator[Database]:
    """An empty state database."""
    name = f"mariadb_state_{os.getpid()}"
    engine = create_engine(engine_url(postgres.create_database(name, template=worlds.state_template(postgres))))
    yield Database(engine, "the state database")
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def crm(
    mariadb: MariaDb, state: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Crm]:
    """Three people, or as many as the parameter says."""
    name = f"crm_{next(_numbers)}"
    url = mariadb.create_database(name, PEOPLE.format(number=getattr(request, "param", 3)))
    engine = create_engine(url)

    def write(**columns: str) -> None:
        named = {"do_not_contact": "0", "lists": "'1,2'", **columns}
        text = _QUERY.format(columns=", ".join(CONTACT_COLUMNS["subscribers"]), **named)
        (tmp_path / "extract.sql").write_text(text)
        statements.forget()

    monkeypatch.setenv(statements.SETTING, str(tmp_path))
    write()
    yield Crm(mariadb, name, engine, database(engine, "the CRM"), state, write)
    engine.dispose()
    monkeypatch.undo()
    statements.forget()
