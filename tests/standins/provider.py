"""What the shared core and one provider's stand-in say to each other, so that a second provider is one new folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

# How sure a behaviour is: the vendor says so, it was seen at the real service, or nobody knows.
DOCUMENTED = "documented"
SEEN = "seen"
ASSUMED = "assumed"


class Call(msgspec.Struct, frozen=True):
    """One request as it came over the socket, without the socket."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct):
    """What goes back. `route` is the pattern that matched, for the request log."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = {}
    route: str = "-"


class Behaviour(msgspec.Struct, frozen=True):
    """One rule that a stand-in imitates. `mark` is one of the three above; `switch` turns an assumed one."""

    rule: str
    mark: str
    source: str
    switch: str = ""


class AdminError(ValueError):
    """A control request that the stand-in does not understand; the text names the remedy."""


class Provider(Protocol):
    """One provider's rules behind one socket. Every method is quick and never waits."""

    name: str
    default_port: int
    behaviours: tuple[Behaviour, ...]

    @property
    def concurrency_limit(self) -> int:
        """How many calls may be under way at once."""

    def answer(self, call: Call) -> Answer:
        """Apply the call and say what the provider would answer."""

    def fault_answer(self, kind: str, status: int) -> Answer:
        """The answer of a scripted fault: kind is status, bare_429, bare_403, html_400 or too_many."""

    def reset(self) -> None:
        """Back to the state of a fresh start."""

    def dump(self, wanted: frozenset[str]) -> Iterator[bytes]:
        """The state as JSON, in pieces; `wanted` may hold counts or history."""

    def act(self, action: dict[str, Any]) -> dict[str, Any]:
        """Something done by hand at the provider, not through its API. Raises AdminError."""

    def switch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change assumed behaviours; answers all switches. Raises AdminError."""
