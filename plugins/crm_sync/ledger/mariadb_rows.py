"""Rows of a CRM in MariaDB as the pipeline has them: booleans, arrays and texts of one form, whatever the driver makes
of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crm_sync.errors import BrokenExtractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# MariaDB has no boolean, array or JSON type of its own, so the column says by its name what it holds.
BOOLEANS = frozenset({"do_not_contact", "is_related", "sync_enabled", "may"})
NUMBERS, WORDS = frozenset({"lists", "flagged_lists", "list_ids"}), frozenset({"statuses"})
SUBSCRIBER_KEY = "subscriber_key"
NULL = "\\N"
_AS_IT_IS = frozenset({str, int, type(None)})

# What would end a value of PostgreSQL's COPY, and a character that it does not take.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\ufffd"})
# The same character inside JSON: a backslash that is not itself escaped, and u0000.
_NUL_OF_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def subscriber_key(text: str | None) -> str | None:
    """What tells subscribers apart: the address trimmed and lower-cased, or the contact's number; None if blank.

    Made here, since collations of MariaDB call addresses equal that are two people's."""
    return (text or "").strip(" ").lower() or None


def readers(names: Iterable[str], where: str) -> list[Callable[[Any], Any]]:
    """For each column what makes the pipeline's value of the driver's. ``where``: the statement, for messages."""
    return [_reader(name, where) for name in names]


def made(rows: Sequence[Sequence[Any]], readers: Sequence[Callable[[Any], Any]]) -> list[tuple[Any, ...]]:
    """The rows with the pipeline's values: column by column, and a repeated boolean, array or key once, which takes a
    fraction of the time."""
    columns = zip(*rows, strict=True)
    return list(zip(*(_made(column, read) for column, read in zip(columns, readers, strict=True)), strict=True))


def _made(column: tuple[Any, ...], read: Callable[[Any], Any]) -> Sequence[Any]:
    if read is _plain:
        return column if _AS_IT_IS.issuperset(map(type, column)) else [*map(read, column)]  # 1 and 1.0 are two values
    known = {value: read(value) for value in set(column)}
    return [known[value] for value in column]


def _reader(name: str, where: str) -> Callable[[Any], Any]:
    if name in BOOLEANS:
        return lambda value: _boolean(value, f"{where} returned in {name} neither 0 nor 1")
    if name in NUMBERS:
        return lambda value: [*map(int, _parts(value))]
    if name in WORDS:
        return _parts
    return _key if name == SUBSCRIBER_KEY else _plain


def _plain(value: Any) -> Any:
    """Text as text, and a time as one of UTC, which is the session's."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value


def _key(value: Any) -> str | None:
    return subscriber_key(None if value is None else str(_plain(value)))


def _parts(value: Any) -> list[str]:
    """An array is written as numbers or words with commas between them; NULL where there are none."""
    text = "" if value is None else str(_plain(value)).strip("{}")
    return text.split(",") if text else []


def _boolean(value: Any, trouble: str) -> bool | None:
    """A BIT column comes as bytes, and b"\\0" is true for Python."""
    number = int.from_bytes(value) if isinstance(value, bytes) else value
    if number is None or isinstance(number, bool):
        return number
    if number not in (0, 1):
        raise BrokenExtractError(f"{trouble}; cast it")
    return bool(number)


def copied(values: Sequence[Any]) -> str:
    """A line of PostgreSQL's COPY, of values as ``readers`` make them."""
    return "\t".join(map(_copied, values)) + "\n"


def _copied(value: Any) -> str:
    if isinstance(value, str):
        text = _NUL_OF_JSON.sub("\\1\\\\ufffd", value) if "\\u0000" in value else value
        return text.translate(_ESCAPES)
    if value is None:
        return NULL
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value)
