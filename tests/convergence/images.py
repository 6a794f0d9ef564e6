"""A database as it was: its rows are taken to memory, and put back past all triggers, as a backup is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

CRM = "list contact email_address list_member membership_type membership relationship change_log_horizon sync_marker"
# The log comes last: its triggers fire whoever writes.
CRM_TABLES = [f"crm.{name}" for name in [*CRM.split(), "change_log"]]
_STATE_TABLES = """
    select 'crm_sync.' || tablename from pg_tables
    where schemaname = 'crm_sync' and tablename not in ('migration', 'token') order by tablename
"""
_COLUMNS = """
    select string_agg(quote_ident(column_name), ', ' order by ordinal_position) from information_schema.columns
    where format('%%I.%%I', table_schema, table_name)::regclass = %s::regclass and is_generated = 'NEVER'
"""


@dataclass(frozen=True)
class Image:
    """The rows of some tables, by table with its columns."""

    rows: dict[str, bytes]


def of_crm(dsn: str) -> Image:
    """The CRM as it is now."""
    return _taken(dsn, CRM_TABLES)


def of_state(dsn: str) -> Image:
    """The state database as it is now. The keys that seal its secrets stay."""
    with psycopg.connect(dsn) as connection:
        tables = [name for (name,) in connection.execute(_STATE_TABLES)]
    return _taken(dsn, tables)


def _taken(dsn: str, tables: list[str]) -> Image:
    with psycopg.connect(dsn) as connection:
        connection.execute("set transaction isolation level repeatable read")
        return Image({target: _copied(connection, target) for target in (_target(connection, each) for each in tables)})


def _target(connection: psycopg.Connection[Any], table: str) -> str:
    columns = connection.execute(_COLUMNS, (table,)).fetchone()
    return f"{table} ({columns[0]})" if columns else table


def _copied(connection: psycopg.Connection[Any], target: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} to stdout".encode()) as rows:
        return b"".join(bytes(row) for row in rows)


def put_back(dsn: str, image: Image) -> None:
    """The rows are those of the image. A LockNotAvailable where somebody holds one."""
    with psycopg.connect(dsn, options="-c lock_timeout=5s") as connection:
        connection.execute("set session_replication_role = replica")
        for target in image.rows:
            connection.execute(f"delete from {target.partition(' ')[0]}".encode())
        for target, rows in image.rows.items():
            if target.startswith("crm.change_log ("):  # the deletes were logged
                connection.execute("delete from crm.change_log")
            with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin".encode()) as copy:
                copy.write(rows)
