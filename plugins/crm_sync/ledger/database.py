"""Reads and writes frames by COPY and runs statements by name, in the CRM and in the state database."""

from __future__ import annotations

import io
import itertools
import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
import psycopg
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError

from crm_sync.errors import BrokenExtractError
from crm_sync.ledger import copy_text
from crm_sync.ledger.made_columns import in_sql
from crm_sync.ledger.sql_errors import explained, out_of_reach
from crm_sync.ledger.sql_text import for_driver
from crm_sync.ledger.statements import contract, is_adapted, statement, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd
    from sqlalchemy import Connection, Engine, Row

    from crm_sync.ledger.made_columns import MadeColumn

T = TypeVar("T", bound=msgspec.Struct)

# pg_type oids: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
_BOOLEAN_OID = 16
_INTEGER_OIDS = {20, 21, 23}


class Database:
    """One PostgreSQL database behind an SQLAlchemy engine. ``role``: its name in messages."""

    def __init__(self, engine: Engine, role: str) -> None:
        self.engine = engine
        self.role = role
        event.listen(engine, "connect", _never_prepare)

    @contextmanager
    def transaction(self, *, snapshot: bool = False, is_brief: bool = False) -> Iterator[Transaction]:
        """A transaction: commits at the end, rolls back on an error.

        Args:
            snapshot: read everything as of the first statement.
            is_brief: the transaction runs one or two statements about a few rows, so no memory is reserved for sorting;
                a load has thousands of these.

        Raises:
            TransientError: the database cannot be reached, or closed the connection.
        """
        options = {"isolation_level": "REPEATABLE READ"} if snapshot else {}
        try:
            with self.engine.execution_options(**options).begin() as connection:
                transaction = Transaction(connection, self.role)
                try:
                    if not is_brief:
                        transaction.script(statement("session/sort_memory"))
                    yield transaction
                except BaseException:
                    transaction.abort()
                    raise
        except (OperationalError, psycopg.OperationalError) as error:
            raise out_of_reach(error, self.role) from None
        except (DBAPIError, psycopg.Error) as error:
            raise explained(error, self.role) from None

    @contextmanager
    def trial(self) -> Iterator[Transaction]:
        """A transaction of which nothing is kept: to ask what something would do."""
        with self.transaction() as transaction:
            yield transaction
            transaction.undo()


def _never_prepare(connection: Any, _: object) -> None:
    """Prepared statements belong to a session, and behind a pooler the next transaction may run in another session."""
    connection.prepare_threshold = None


class Transaction:
    """One open transaction. Statements are named as in ``crm_sync.ledger.statements``."""

    def __init__(self, connection: Connection, role: str) -> None:
        self._connection = connection
        self._role = role

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The connection of psycopg."""
        return cast("psycopg.Connection[Any]", self._connection.connection.driver_connection)

    def abort(self) -> None:
        """Drop the connection if a COPY has not finished: a rollback would wait forever for the lock of its reader,
        which is held even after the last row."""
        is_copying = self.driver.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE
        if is_copying or self.driver.lock.locked():
            self._connection.invalidate()

    def undo(self) -> None:
        """Take back all that the transaction did; it ends with that."""
        self._connection.rollback()

    def rows(self, name: str, /, **parameters: object) -> list[Row[Any]]:
        """All rows of a statement."""
        with self._telling(name):
            result = self._connection.exec_driver_sql(self._text(name, parameters), parameters)
            found = list(result.all()) if result.returns_rows else []
            if is_adapted(name):
                require_columns(name, contract(name).columns, result.keys() if result.returns_rows else ())
            return found

    def row(self, name: str, /, **parameters: object) -> Row[Any] | None:
        """The first row, or None."""
        return next(iter(self.rows(name, **parameters)), None)

    def value(self, name: str, /, **parameters: object) -> Any:
        """The first column of the first row, or None."""
        row = self.row(name, **parameters)
        return row[0] if row is not None else None

    def run(self, name: str, /, **parameters: object) -> int:
        """Execute a statement. Returns the number of rows it touched."""
        with self._telling(name):
            return self._connection.exec_driver_sql(self._text(name, parameters), parameters).rowcount

    def script(self, text: str) -> None:
        """Execute several statements without parameters, such as a migration."""
        self.driver.execute(text.encode())

    def frames(self, name: str, rows: int, /, **parameters: object) -> Iterator[pd.DataFrame]:
        """The rows of a query in frames of at most ``rows``, by COPY. Integers become Int64, booleans boolean, and all
        else str, arrays in the form ``{1,2}``; NULL text becomes the empty string. No rows means no frame."""
        import pandas as pd  # slow to import, and an idle run does not need it

        with self._telling(name):
            query = self._bound(name, parameters)
            options = _csv_options(self._types(query))
            for lines in self._lines(query, rows, sql.SQL("FORMAT csv")):
                yield pd.read_csv(io.BytesIO(lines), **options)

    def records(self, name: str, kind: type[T], rows: int, /, **parameters: object) -> Iterator[list[T]]:
        """The rows of a query in lists of at most ``rows`` structs of ``kind``, by COPY. A field that is NULL or empty,
        or has no column, gets its default; columns without a field are ignored."""
        with self._telling(name):
            query = self._bound(name, parameters)
            names = list(self._types(query))
            for lines in self._lines(query, rows, sql.SQL("NULL ''")):
                yield copy_text.structs(lines, names, kind)

    def _lines(self, query: sql.SQL, rows: int, options: sql.SQL) -> Iterator[bytes]:
        copy_out = sql.SQL("COPY ({}) TO STDOUT ({})").format(query, options)
        with self.driver.cursor() as cursor, cursor.copy(copy_out) as copy:
            # The server sends each row as one message. documented: PostgreSQL's frontend/backend protocol.
            while lines := b"".join(map(bytes, itertools.islice(copy, rows))):
                yield lines

    def frame(self, name: str, /, **parameters: object) -> pd.DataFrame:
        """All rows of a query with a small result."""
        import pandas as pd

        found = list(self.frames(name, 1_000_000, **parameters))
        if found:
            return pd.concat(found, ignore_index=True)
        with self._telling(name):
            types = self._types(self._bound(name, parameters))
        return _empty(tuple(types.items())).copy()

    def write(self, table: str, frame: pd.DataFrame) -> int:
        """COPY a frame into ``table`` ("schema.name") by its column names. Missing values and empty text become NULL.
        Returns the number of rows."""
        columns = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
        target = sql.SQL("COPY {} ({}) FROM STDIN (NULL '')").format(sql.Identifier(*table.split(".")), columns)
        lines = "\n".join(map("\t".join, zip(*(copy_text.texts(frame[name]) for name in frame.columns), strict=True)))
        with self.driver.cursor() as cursor, cursor.copy(target) as copy:
            copy.write(lines.encode("utf-8", errors="replace"))
        return len(frame)

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
        """Pipe the rows of a query into ``table`` of another database without parsing them. Returns the number of rows.

        Args:
            required: the columns that the query must return; without one of them it is a BrokenExtractError.
            constant: further columns of every row → a value, or what makes it of the query's columns.
            copied: the columns to copy; None for those that are required.
        """
        wanted, taken = list(required), list(required if copied is None else copied)
        with self._telling(name):
            query = self._bound(name, parameters)
            require_columns(name, wanted, self._types(query))
        values = map(in_sql, constant.values())
        columns = sql.SQL(", ").join([*values, *map(sql.Identifier, taken)])
        into = sql.SQL(", ").join(map(sql.Identifier, [*constant, *taken]))
        copy_out = sql.SQL("COPY (SELECT {} FROM ({}) extracted) TO STDOUT").format(columns, query)
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table.split(".")), into)
        with self.driver.cursor() as reading, other.driver.cursor() as writing:
            try:
                with reading.copy(copy_out) as source, writing.copy(copy_in) as target:
                    for block in source:
                        target.write(block)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise BrokenExtractError(misfit(name, error)) from None
            return writing.rowcount

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        """Translate an error to one that names the statement and this database, before other open transactions see
        it."""
        try:
            yield
        except (OperationalError, psycopg.OperationalError) as error:
            raise out_of_reach(error, self._role) from None
        except (DBAPIError, psycopg.Error) as error:
            raise explained(error, self._role, name, statement(name)) from None

    def _text(self, name: str, parameters: dict[str, Any]) -> str:
        return for_driver(where(name), statement(name), frozenset(parameters))

    def _bound(self, name: str, parameters: dict[str, Any]) -> sql.SQL:
        bound = psycopg.ClientCursor(self.driver).mogrify(self._text(name, parameters), parameters)
        return sql.SQL(bound)

    def _types(self, query: sql.SQL) -> dict[str, int]:
        with self.driver.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM ({}) described LIMIT 0").format(query))
            return {column.name: column.type_code for column in cursor.description or ()}


def require_columns(name: str, wanted: Iterable[str], found: Iterable[str]) -> None:
    """A BrokenExtractError unless the statement ``name`` returns what is wanted."""
    there = set(found)
    missing = [column for column in wanted if column not in there]
    if missing:
        raise BrokenExtractError(
            f"{where(name)} lacks the column {', '.join(missing)}; its header says what it returns"
        )


def misfit(name: str, error: psycopg.Error) -> str:
    """The message about a column that cannot hold its value. It omits the value, which the server's message
    contains."""
    found = re.search(r", column (\w+)", error.diag.context or "")
    column = error.diag.column_name or (found[1] if found else "?")
    return (
        f"{where(name)} returned a value that the column {column} cannot hold ({error.sqlstate});"
        " its comment says what it must return"
    )


def _csv_options(types: dict[str, int]) -> dict[str, Any]:
    kinds = {name: _dtype(oid) for name, oid in types.items()}
    return {
        "header": None,
        "names": list(types),
        "dtype": kinds,
        "keep_default_na": False,
        "na_values": {name: [""] for name, kind in kinds.items() if kind != "str"},
        "true_values": ["t"],
        "false_values": ["f"],
    }


def _dtype(oid: int) -> str:
    if oid == _BOOLEAN_OID:
        return "boolean"
    return "Int64" if oid in _INTEGER_OIDS else "str"


@cache
def _empty(types: tuple[tuple[str, int], ...]) -> pd.DataFrame:
    """Made once: it takes as long as reading some hundred rows, and the page *Why?* has several of them."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=_dtype(oid)) for name, oid in types})
