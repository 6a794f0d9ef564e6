"""What a benchmark must know of each provider, a module for each: the bodies of a floor, and the fewest calls."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from benchmarks.association import Counts, Moves
from benchmarks.poster import Poster
from crm_sync import providers
from standins.process import Controls

T = TypeVar("T")


class Floor(Protocol):
    """A module of this folder. Calls are told as what they do → how many."""

    SINK_ANSWER: Mapping[str, Any]
    """What a sink must answer to everything, so that the floor finds the ids it needs."""
    AT_ONCE: Mapping[str, Any]
    """Switches with which the stand-in does not let anybody wait for work that goes on there."""

    def headers(self, service: Controls) -> dict[str, str]:
        """What each call carries."""

    def post_all(self, rows: Iterable[Any], poster: Poster) -> None:
        """Everybody with their lists; ``rows`` have the columns of the extract, as text."""

    def writes_for_all(self, held: Counts) -> dict[str, int]:
        """The fewest writes with which a first synchronization can do."""

    def reads_for_all(self, held: Counts) -> dict[str, int]:
        """The fewest reads of that; nothing where all can be written blindly."""

    def writes_for_renamed(self, renamed: Counts) -> int:
        """The fewest writes that change the names of people who are there."""

    def writes_for_moves(self, moves: Moves) -> int:
        """The fewest writes that change lists of people who are there."""


def names() -> list[str]:
    """The providers that can be measured, in alphabetical order."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py"))


def without() -> list[str]:
    """The providers that cannot, for nobody wrote their floor."""
    return [name for name in providers.names() if name not in names()]


def floor_of(provider: str) -> Floor:
    """The module of a provider."""
    return cast("Floor", importlib.import_module(f"benchmarks.floors.{provider}"))


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """``things`` in their order, ``size`` at a time."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def calls(things: int, size: int) -> int:
    """How many calls ``things`` take, ``size`` at a time."""
    return -(-things // size)


def numbers(text: str) -> list[str]:
    """The numbers of an array as COPY writes it."""
    inner = text.strip("{}")
    return inner.split(",") if inner else []
