"""A CRM in MariaDB or MySQL, read as exactly as one in PostgreSQL: in one snapshot, as a stream that must reach its
end. Nothing is written to it."""

from __future__ import annotations

import json
from collections import namedtuple
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from crm_sync.errors import BrokenExtractError, TransientError
from crm_sync.ledger import mariadb_rows
from crm_sync.ledger.database import Database, Transaction, misfit, require_columns
from crm_sync.ledger.made_columns import needed
from crm_sync.ledger.mariadb_errors import explained
from crm_sync.ledger.statements import contract, is_adapted, statement, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Engine, Row

    from crm_sync.ledger.made_columns import MadeColumn

_ROWS_AT_ONCE = 5_000
_STREAM = {"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE}
_WITH_AN_END = "SELECT 0, {} FROM ({}) AS extracted UNION ALL SELECT 1, {}"
# What runs in either database, and is written otherwise for this one.
_OWN = {"session/moment": "mariadb/moment", "session/limit_time": "mariadb/limit_time"}


class MariaDatabase(Database):
    """A database of MariaDB or MySQL behind an SQLAlchemy engine. ``role``: its name in messages."""

    def __init__(self, engine: Engine, role: str) -> None:
        self.engine = engine
        self.role = role
        event.listen(engine, "connect", _begin_session)

    @contextmanager
    def transaction(self, *, snapshot: bool = False, is_brief: bool = False) -> Iterator[MariaTransaction]:  # noqa: ARG002
        """A transaction that reads everything as of its beginning, whatever is asked for, and cannot write.

        Raises:
            TransientError: the database cannot be reached, closed the connection, or a table was altered meanwhile.
        """
        driver_errors = self.engine.dialect.loaded_dbapi.Error
        try:
            # Under READ COMMITTED the server takes no snapshot, and says nothing.
            with self.engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
                transaction = MariaTransaction(connection, self.role, driver_errors)
                try:
                    transaction.run("mariadb/begin")
                    yield transaction
                    connection.commit()
                except BaseException:
                    transaction.abort()
                    raise
        except (DBAPIError, driver_errors) as error:
            raise explained(error, self.role) from None


def _begin_session(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("mariadb/begin_session"))


class MariaTransaction(Transaction):
    """One open transaction, with the methods that a CRM is read by."""

    def __init__(self, connection: Connection, role: str, driver_errors: type[Exception]) -> None:
        super().__init__(connection, role)
        self._errors = (DBAPIError, driver_errors)
        self._streamed = ""
        self._cursor: Any = None

    def abort(self) -> None:
        """Drop the connection if a stream has not finished: closing it would read all that is left."""
        if self._streamed:
            # PyMySQL reads the rest even when its result is collected, and complains that the connection has gone.
            left: Any = getattr(self._cursor, "_result", None)
            if hasattr(left, "unbuffered_active"):
                left.unbuffered_active = False
            self._connection.invalidate()

    def rows(self, name: str, /, **parameters: object) -> list[Row[Any]]:
        """All rows of a statement."""
        with self._telling(name):
            result = self._connection.exec_driver_sql(self._text(name, parameters), _given(parameters))
            names = list(result.keys()) if result.returns_rows else []
            found = list(result.all()) if names else []
        if is_adapted(name):
            require_columns(name, contract(name).columns, names)
        if not names:
            return []
        readers = mariadb_rows.readers(names, where(name))
        kind = cast("Any", namedtuple("Row", names, rename=True))
        return [kind(*(read(value) for read, value in zip(readers, row, strict=True))) for row in found]

    def run(self, name: str, /, **parameters: object) -> int:
        """Execute a statement. Returns the number of rows it touched."""
        with self._telling(name):
            return self._connection.exec_driver_sql(self._text(name, parameters), _given(parameters)).rowcount

    def copy_into(
        self,
        other: Transaction,
        table: str,
        name: str,
        required: Iterable[str],
        constant: Mapping[str, int | MadeColumn],
        copied: Iterable[str] | None = None,
        **parameters: object,
    ) -> int:
        """As for PostgreSQL; the rows go through Python here. A stream that ends too early is a TransientError."""
        wanted, taken = list(required), list(required if copied is None else copied)
        asked = list(dict.fromkeys([*taken, *needed(constant)]))
        into = sql.SQL(", ").join(map(sql.Identifier, [*constant, *taken]))
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table.split(".")), into)
        line = _liner(asked, constant, taken)
        read = 0
        with other.driver.cursor() as writing:
            try:
                with writing.copy(copy_in) as target:
                    for rows in self._stream(name, list(dict.fromkeys([*asked, *wanted])), parameters):
                        read += len(rows)
                        target.write("".join(map(line, rows)).encode("utf-8", errors="replace"))
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise BrokenExtractError(misfit(name, error)) from None
        return read

    def _stream(self, name: str, columns: list[str], parameters: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query, and after them, from the same query, a last one of our own: without it some are missing.

        A driver may take an answer that was cut for its end, or throw the rest away for another statement.
        """
        ends = False
        readers = [bool, *mariadb_rows.readers(columns, where(name))]
        with self._telling(name):
            text = _with_an_end(self._text(name, parameters), columns)
            result = self._connection.exec_driver_sql(text, _given(parameters), execution_options=_STREAM)
            self._streamed, self._cursor = name, result.cursor
            while rows := result.fetchmany(_ROWS_AT_ONCE):
                if rows[-1][0]:
                    ends, rows = True, rows[:-1]
                if rows:
                    yield mariadb_rows.made(rows, readers)
            result.close()
        if not ends:
            raise TransientError(f"{self._role}: the rows of {where(name)} ended too early; nobody is removed for it")
        self._streamed = ""

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        if self._streamed:
            raise RuntimeError(f"{where(name)} cannot run while {where(self._streamed)} is read")
        try:
            yield
        except self._errors as error:
            raise explained(error, self._role, name) from None

    def _text(self, name: str, parameters: dict[str, Any]) -> str:
        return super()._text(_OWN.get(name, name), parameters)


def _given(parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists go in as JSON: a driver would write each element into the statement."""
    return {name: json.dumps(value) if isinstance(value, list) else value for name, value in parameters.items()}


def _with_an_end(query: str, columns: list[str]) -> str:
    names = ", ".join(f"`{name}`" for name in columns)
    nothing = ", ".join(["NULL"] * len(columns))
    return _WITH_AN_END.format(names, query, nothing)


def _liner(asked: list[str], constant: Mapping[str, int | MadeColumn], taken: list[str]) -> Any:
    """What makes a line of COPY of a row with the flag of the end, the columns ``asked``, and perhaps more."""
    place = {name: at for at, name in enumerate(asked, 1)}
    pick = _picker([place[name] for name in taken])
    made = [
        (each, _picker([]) if isinstance(each, int) else _picker([place[name] for name in each.columns]))
        for each in constant.values()
    ]

    def line(row: tuple[Any, ...]) -> str:
        first = [each if isinstance(each, int) else each.of_row(some(row)) for each, some in made]
        return mariadb_rows.copied([*first, *pick(row)])

    return line


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """What takes these places of a row."""
    if places == list(range(places[0], places[0] + len(places)) if places else []):
        start, end = (places[0], places[-1] + 1) if places else (0, 0)
        return itemgetter(slice(start, end))
    return itemgetter(*places)
