"""The whole state as one JSON document, made in pieces, so that a million people need no second copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec

PIECE = 2000
Rows = Callable[[], Iterator[dict[str, Any]]]


def document(wanted: frozenset[str], head: dict[str, Any], *, history: Rows, **people: Rows) -> Iterator[bytes]:
    """`{<head>[, <people>][, history]}`: the people unless ``wanted`` has counts, the history where it has that."""
    yield msgspec.json.encode(head)[:-1]
    if "counts" not in wanted:
        for name, rows in people.items():
            yield from _array(name, rows())
    if "history" in wanted:
        yield from _array("history", history())
    yield b"}"


def _array(name: str, rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield f',"{name}":['.encode()
    is_first = True
    while piece := list(islice(rows, PIECE)):
        yield (b"" if is_first else b",") + msgspec.json.encode(piece)[1:-1]
        is_first = False
    yield b"]"
