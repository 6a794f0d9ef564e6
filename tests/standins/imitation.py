"""What the stand-ins of all providers do alike; each adds its own answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from standins.provider import Answer

HTML = {"Content-Type": "text/html"}
# What the edge in front of a service says, in no form of the service's own.
EDGE = {
    "bare_429": Answer(429, b"", HTML),
    "bare_403": Answer(403, b"<html><body>Access Denied</body></html>", HTML),
    "html_400": Answer(400, b"<H1>Bad Request</H1>", HTML),
}
Dump = Callable[[Any, frozenset[str]], Iterator[bytes]]
Act = Callable[[Any, dict[str, Any]], dict[str, Any]]


class Imitation:
    """The half of the protocol ``provider.Provider`` that the control routes use.

    ``held``: the provider's state, with ``reset()`` and ``switches``. ``dump``, ``act``: how it is told, and changed
    by hand.
    """

    def __init__(self, held: Any, dump: Dump, act: Act) -> None:
        self._held, self._dump, self._act = held, dump, act

    @property
    def concurrency_limit(self) -> int:
        """How many calls may be under way at once."""
        return int(self._held.switches.concurrency_limit)

    def reset(self) -> None:
        """A fresh state."""
        self._held.reset()

    def dump(self, wanted: frozenset[str]) -> Iterator[bytes]:
        """The state for GET /_standin/state."""
        return self._dump(self._held, wanted)

    def act(self, action: dict[str, Any]) -> dict[str, Any]:
        """Something done there by hand."""
        return self._act(self._held, action)

    def switch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change assumed behaviours."""
        values: dict[str, Any] = self._held.switches.change(changes)
        return values

    def fault_answer(self, kind: str, status: int) -> Answer:
        """The answer of a scripted fault: the edge's or, for status and too_many, a refusal in the provider's form."""
        return EDGE[kind] if kind in EDGE else self.scripted(kind, status)

    def scripted(self, kind: str, status: int) -> Answer:
        """The refusal; each provider has its own."""
        raise NotImplementedError
