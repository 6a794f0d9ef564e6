"""Two versions of a record side by side: the values that differ, each by its path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Difference = tuple[str, Any, Any]


def between(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """(path, before, after) of each value that differs, in the order of paths."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from between(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif before != after:
        yield path, before, after


def value(held: Any) -> str:
    """A value of a record, as one reads it."""
    if held is None or held == "":
        return "empty"
    return held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)
