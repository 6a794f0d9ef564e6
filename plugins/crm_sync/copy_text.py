"""The text format of PostgreSQL's COPY, both ways: values between tabs, rows between line ends, nothing for NULL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

# What would be taken for the end of a value. documented: https://www.postgresql.org/docs/current/sql-copy.html
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Of those that the server writes, the ones that do not stand for themselves.
_MEANINGS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)")


def texts(column: pd.Series) -> list[str]:
    """The values of a column as they are written; the empty text where one is missing."""
    values = column.astype(object).where(column.notna(), "").tolist()
    texts = values if column.dtype == "str" else list(map(str, values))
    has_escapes = any(chr(each) in text for text in ["".join(texts)] for each in _ESCAPES)
    return [text.translate(_ESCAPES) for text in texts] if has_escapes else texts


def rows(lines: bytes, names: list[str]) -> Iterator[dict[str, str]]:
    """What is read, a mapping for each line; NULL and empty text are left out. Equal texts are one object: the rows of
    one person, and of one list, say much the same."""
    shared: dict[str, str] = {}
    one = shared.setdefault
    for line in lines.decode().split("\n")[:-1]:
        row = {name: one(value, value) for name, value in zip(names, line.split("\t"), strict=True) if value}
        yield {name: _plain(value) for name, value in row.items()} if "\\" in line else row


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANINGS.get(found[1], found[1]), value)
