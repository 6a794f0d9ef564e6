"""What the header of a statement says is what PostgreSQL finds in its text."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from psycopg import pq

from crm_sync.ledger import statements
from crm_sync.ledger.database import Database
from crm_sync.ledger.statements import NOTHING, ROWS_TOUCHED, Statement, statements_in

# What runs in MariaDB is tried there: tests/mariadb.
LEDGER = sorted(path for path in (statements.SQL / "ledger").glob("*.sql") if path.stem not in {"schema", "mariadb"})
CRM = sorted((statements.SQL / "crm/reference").glob("*.sql"))
PARAMETER = re.compile(r"%\((\w+)\)s")
# A value whose name nobody asks for: true or false, or a number.
UNNAMED = {("boolean",), ("count",), ("clock_timestamp",)}
SEEN = "create temporary table if not exists seen (contact_id bigint not null, row_hash uuid not null)"


def columns_of(connection: psycopg.Connection, each: Statement) -> tuple[str, ...]:
    """As the server describes the statement, without executing it."""
    numbers = {name: f"${number}" for number, name in enumerate(each.parameters, 1)}
    text = PARAMETER.sub(lambda found: numbers[found[1]], each.text)
    for done in (
        connection.pgconn.prepare(b"", text.encode()),
        connection.pgconn.describe_prepared(b""),
    ):
        assert done.status == pq.ExecStatus.COMMAND_OK, (each.name, done.error_message.decode())
    return tuple((done.fname(number) or b"").decode() for number in range(done.nfields))


def differ(connection: psycopg.Connection, file: Path) -> dict[str, tuple[str, ...]]:
    """The statements of a file whose header says something else."""
    found = {each.name: (each, columns_of(connection, each)) for each in statements_in(file, file.name).values()}
    assert found
    return {
        name: columns
        for name, (each, columns) in found.items()
        if columns != each.columns and not (len(columns) == 1 and (each.columns in UNNAMED or each.returns == NOTHING))
    }


@pytest.mark.parametrize("file", LEDGER, ids=lambda path: path.stem)
def test_statements_of_the_ledger_return_what_they_say(file: Path, state: Database) -> None:
    url = state.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute(SEEN)
        assert differ(connection, file) == {}


@pytest.mark.parametrize("file", CRM, ids=lambda path: path.stem)
def test_statements_of_the_crm_return_what_they_say(file: Path, connection: psycopg.Connection) -> None:
    assert differ(connection, file) == {}


@pytest.mark.parametrize("file", [*LEDGER, *CRM], ids=lambda path: f"{path.parent.stem}-{path.stem}")
def test_a_statement_asks_for_the_parameters_of_its_header(file: Path) -> None:
    said = {each.name: (set(each.parameters), each) for each in statements_in(file, file.name).values()}
    assert {name for name, (named, each) in said.items() if named != set(PARAMETER.findall(each.text))} == set()


def test_what_touches_rows_says_so() -> None:
    each = [found for file in LEDGER for found in statements_in(file, file.name).values()]
    changing = [found for found in each if re.match(r"(--[^\n]*\n)*(insert|update|delete)\b", found.text)]
    assert len(changing) > 30
    assert {found.name for found in changing if found.returns == NOTHING} == set()
    assert {found.returns for found in each if "returning" not in found.text} >= {ROWS_TOUCHED, NOTHING}
