"""Opens the CRM's database and the pipeline's own by their Airflow connections."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError
from crm_sync.hooks import mariadb
from crm_sync.hooks.connections import find_connection, has_connection
from crm_sync.hooks.extras import read_extras
from crm_sync.ledger import sources
from crm_sync.ledger.write_access import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow.sdk import Connection
    from sqlalchemy import URL

    from crm_sync.ledger.database import Database

# Connection id → what messages call the database.
CRM = ("crm_sync_crm", "the CRM")
STATE = ("crm_sync_state", "the state database")
WRITE_BACK = (SECOND, "the CRM where opt-outs are written")
_OF_THE_CRM = (CRM[0], WRITE_BACK[0])

# The driver that COPY needs; the default driver of postgresql:// depends on the version of SQLAlchemy.
_DRIVER = "postgresql+psycopg"
# Extras that Airflow's own PostgreSQL hook reads; a connection that was given as a URI has them as text.
_OF_THE_HOOK: dict[str, dict[str, Any]] = {
    "iam": {"schema": {"type": "boolean"}},
    "sqlalchemy_query": {"schema": {"type": "object"}},
}
_TEXT = {"schema": {"type": "string"}}
# What the fields of the connection say.
_OF_THE_FORM = {"user", "password", "host", "port", "dbname"}


@contextmanager
def open_database(connection_id: str, role: str) -> Iterator[Database]:
    """The database behind an Airflow connection; closed at the end. A DisconnectedError if there is no such
    connection."""
    from sqlalchemy import create_engine

    from crm_sync.ledger.opening import database  # loads psycopg

    engine = create_engine(database_url(connection_id, role))
    try:
        yield database(engine, role)
    finally:
        engine.dispose()


@contextmanager
def state_database() -> Iterator[Database]:
    """The state database, migrated to this release first, since the caller may be its first user."""
    from crm_sync.ledger import store  # loads psycopg

    with open_database(*STATE) as state:
        store.migrate(state)
        yield state


def second_crm(stack: ExitStack) -> Callable[[], Database | None]:
    """What opens the CRM by the connection for opt-outs alone, for as long as ``stack``; None where there is none."""

    @cache
    def opened() -> Database | None:
        return stack.enter_context(open_database(*WRITE_BACK)) if has_connection(WRITE_BACK[0]) else None

    return opened


# Enough for a few pages at once; further ones wait, so that connections are left for the runs.
_POOL = {"pool_size": 2, "max_overflow": 8, "pool_pre_ping": True, "pool_recycle": 300}


@dataclass(frozen=True)
class _Shared:
    database: Database
    url: URL
    asked_at: float  # by time.monotonic()


_shared: dict[str, _Shared] = {}


@contextmanager
def shared_database(connection_id: str, role: str, *, for_seconds: float = 0.0) -> Iterator[Database]:
    """``open_database`` for a long-lived process: connections stay open for the next caller. If the Airflow connection
    has changed, the database is opened again. ``for_seconds``: Airflow is not asked again for so long whether it has;
    in the triggerer each question has Airflow look for all triggers in its database."""
    known = _shared.get(connection_id)
    if known is None or time.monotonic() - known.asked_at >= for_seconds:
        known = _shared[connection_id] = _asked_for(connection_id, role, known)
    yield known.database


def _asked_for(connection_id: str, role: str, known: _Shared | None) -> _Shared:
    from sqlalchemy import create_engine

    from crm_sync.ledger.opening import database  # loads psycopg

    url = database_url(connection_id, role)
    if known is not None and known.url == url:
        return replace(known, asked_at=time.monotonic())
    if known is not None:
        known.database.engine.dispose()
    return _Shared(database(create_engine(url, **_POOL), role), url, time.monotonic())


def database_url(connection_id: str, role: str) -> URL:
    """The SQLAlchemy URL of an Airflow connection, with the driver and the connection's options of libpq: TLS,
    time-outs, name. A ConfigError for an extra that is not of its type, and for a CRM in another kind of database than
    CRM_SYNC_CRM says."""
    connection = find_connection(connection_id, _type_of(connection_id), role)
    _require_kind(connection)
    return mariadb.url_of(connection) if mariadb.is_one(connection) else _postgresql_url(connection)


def _type_of(connection_id: str) -> str:
    """The type that its Airflow connection needs."""
    is_other = connection_id in _OF_THE_CRM and sources.chosen().database == sources.MARIADB
    return "mysql" if is_other else "postgres"


def _require_kind(connection: Connection) -> None:
    wanted = _type_of(connection.conn_id)
    if mariadb.is_one(connection) == (wanted == "mysql"):
        return
    is_crm = connection.conn_id in _OF_THE_CRM
    why = f"which is where {sources.chosen().title} is, or correct {sources.SETTING}" if is_crm else "and nothing else"
    raise ConfigError(f"connection {connection.conn_id}: its type is {connection.conn_type}; make it {wanted}, {why}")


def _postgresql_url(connection: Connection) -> URL:
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    options = _libpq_options()
    fields = {**_OF_THE_HOOK, **dict.fromkeys(options, _TEXT)}
    extras = read_extras(connection.extra_dejson, fields, connection.conn_id)
    typed = copy(connection)
    typed.extra = json.dumps(extras)
    said = {name: value for name, value in extras.items() if name in options}
    found: URL = PostgresHook(connection=typed).sqlalchemy_url.set(drivername=_DRIVER).update_query_dict(said)
    return found


@cache
def _libpq_options() -> set[str]:
    """The names that the client library of PostgreSQL knows."""
    from psycopg import pq

    return {each.keyword.decode() for each in pq.Conninfo.get_defaults()} - _OF_THE_FORM
