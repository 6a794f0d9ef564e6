"""What a client is asked for, as cases by provider: each compares what the client read with what the stand-in holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from clients.driven import Driven

Play = Callable[[Driven], None]


class Case(NamedTuple):
    """``call``: the method and path that it is about. ``what``: in a person's words."""

    call: str
    what: str
    play: Play


class Cases:
    """The cases of one provider, in their order."""

    def __init__(self) -> None:
        self.all: list[Case] = []

    def about(self, call: str, what: str) -> Callable[[Play], Play]:
        """Decorates a function that plays a case."""

        def kept(play: Play) -> Play:
            self.all.append(Case(call, what, play))
            return play

        return kept


def agree(read: object, held: object) -> None:
    """What the client read is what the stand-in holds."""
    if read != held:
        raise AssertionError(f"the client read {read!r}, the stand-in holds {held!r}")
