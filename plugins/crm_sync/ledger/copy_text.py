"""Reads and writes the text format of PostgreSQL's COPY: tabs between values, one line a row, empty text for NULL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound=msgspec.Struct)

# Characters that would end a value. documented: https://www.postgresql.org/docs/current/sql-copy.html
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# The escapes of the server that stand for another character.
_MEANINGS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)")


def texts(column: pd.Series) -> list[str]:
    """The values of a column in COPY's format; empty text for a missing value."""
    values = column.astype(object).where(column.notna(), "").tolist()
    texts = values if column.dtype == "str" else list(map(str, values))
    has_escapes = any(chr(each) in text for text in ["".join(texts)] for each in _ESCAPES)
    return [text.translate(_ESCAPES) for text in texts] if has_escapes else texts


def structs(lines: bytes, names: list[str], kind: type[T]) -> list[T]:
    """The lines as structs of ``kind``. A field that is NULL or empty, or has no column, gets its default, or else ""
    or 0; columns without a field are ignored. Fields are text or integers. Equal texts share one object, since many
    rows have the same values."""
    shared: dict[str, str] = {}
    one = shared.setdefault
    fields = msgspec.structs.fields(kind)
    known = [(names.index(field.name), field.type is int) for field in fields if field.name in names]
    nothing = [_default(field) for field in fields]
    places = [place for place, field in enumerate(fields) if field.name in names]
    made: list[T] = []
    for line in lines.decode().split("\n")[:-1]:
        values = line.split("\t") if "\\" not in line else [*map(_plain, line.split("\t"))]
        row = nothing.copy()
        for place, (column, is_number) in zip(places, known, strict=True):
            if value := values[column]:
                row[place] = int(value) if is_number else one(value, value)
        made.append(kind(*row))
    return made


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return 0 if field.type is int else ""


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANINGS.get(found[1], found[1]), value)
