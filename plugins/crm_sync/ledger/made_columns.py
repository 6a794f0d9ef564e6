"""Columns that are made of others of the same row: in SQL where PostgreSQL reads them, in Python where another database
does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Any, Protocol

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class MadeColumn(Protocol):
    """What a column is made of."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the query that it needs."""
        ...

    def in_sql(self) -> sql.Composable:
        """An expression over the query's columns."""
        ...

    def of_row(self, values: Sequence[object]) -> str:
        """The same of the values of ``columns``."""
        ...


@dataclass(frozen=True)
class RowHash:
    """A hash of ``salt`` and of these columns. It tells rows of one database apart; two databases make different ones
    of the same row."""

    columns: tuple[str, ...]
    salt: str

    def in_sql(self) -> sql.Composable:
        """Of the row as text."""
        row = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("md5({} || ROW({})::text)::uuid").format(sql.Literal(self.salt), row)

    def of_row(self, values: Sequence[object]) -> str:
        """Of Python's own text of the row, in which NULL is not the empty text, and a text ends where it ends."""
        text = f"{self.salt}{tuple(values)!r}"
        return md5(text.encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class RowObject:
    """These columns as one JSON object."""

    columns: tuple[str, ...]

    def in_sql(self) -> sql.Composable:
        """By the server."""
        pairs = [sql.SQL("{}, {}").format(sql.Literal(each), sql.Identifier(each)) for each in self.columns]
        return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))

    def of_row(self, values: Sequence[object]) -> str:
        """By Python; what JSON does not know is written as text."""
        return json.dumps(dict(zip(self.columns, values, strict=True)), default=str)


def in_sql(value: int | MadeColumn) -> sql.Composable:
    """A constant, or a column that is made, as an expression."""
    return sql.Literal(value) if isinstance(value, int) else value.in_sql()


def needed(constant: Mapping[str, Any]) -> list[str]:
    """The columns that made ones need, each once."""
    made = [each for each in constant.values() if not isinstance(each, int)]
    return list(dict.fromkeys(name for each in made for name in each.columns))
