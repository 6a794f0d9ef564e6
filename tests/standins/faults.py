"""Scripted misfortune: which call fails, how, and how often, the same in every run."""

from __future__ import annotations

import random
import re
from typing import Any, Literal

import msgspec

from standins.provider import AdminError

Kind = Literal[
    "status", "bare_429", "bare_403", "html_400", "cut_before", "cut_after", "timeout_before", "timeout_after", "slow",
    "garbled", "act_before", "act_after", "raw",
]  # fmt: skip
ANSWERED = frozenset({"status", "bare_429", "bare_403", "html_400"})


class Match(msgspec.Struct, forbid_unknown_fields=True):
    """Which calls: a method (any where absent), and patterns searched in the path with its query and in the body."""

    method: str = ""
    path_regex: str = ""
    body_regex: str = ""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One scripted fault. It fires on matching calls after the first `skip`, at most `times` times,
    on every `every`-th of them, or by chance with `probability` drawn from `seed`. ``action``: what somebody does by
    hand there just before, or after, the call has its effect. ``body`` (base64) and ``headers``: the answer `raw`, with
    ``status``, to a call that has no effect."""

    kind: Kind
    match: Match = msgspec.field(default_factory=Match)
    status: int = 500
    seconds: float = 1.0
    skip: int = 0
    times: int | None = None
    every: int = 1
    probability: float | None = None
    seed: int = 0
    action: dict[str, Any] = {}
    body: bytes = b""
    headers: dict[str, str] = {}
    id: int = 0
    seen: int = 0
    fired: int = 0

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Whether this call is one of those that the fault watches."""
        match = self.match
        return (
            match.method in {"", method}
            and re.search(match.path_regex, path) is not None
            and (not match.body_regex or re.search(match.body_regex, body.decode(errors="replace")) is not None)
        )


class Faults:
    """The faults in force; the first that fires wins."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """No faults."""
        self._faults: list[Fault] = []
        self._dice: dict[int, random.Random] = {}
        self._last_id = 0

    def add(self, wish: dict[str, Any]) -> Fault:
        """Put a fault in force. Raises AdminError for an unknown key, kind, pattern or a number that cannot fire."""
        try:
            fault = msgspec.convert(wish, Fault)
            re.compile(fault.match.path_regex)
            re.compile(fault.match.body_regex)
        except (msgspec.ValidationError, re.error) as error:
            raise AdminError(f"{error}; see the docstring of standins for the shape of a fault") from error
        if fault.every < 1:
            raise AdminError("every must be 1 or more")
        self._last_id += 1
        fault.id, fault.seen, fault.fired = self._last_id, 0, 0
        fault.match.method = fault.match.method.upper()
        self._faults.append(fault)
        self._dice[fault.id] = random.Random(fault.seed)
        return fault

    def next_for(self, method: str, path: str, body: bytes = b"") -> Fault | None:
        """The fault that this call meets, counted as fired."""
        for fault in self._faults:
            if fault.matches(method, path, body) and self._fires(fault):
                fault.fired += 1
                return fault
        return None

    def _fires(self, fault: Fault) -> bool:
        fault.seen += 1
        if fault.seen <= fault.skip or (fault.times is not None and fault.fired >= fault.times):
            return False
        if fault.probability is not None:
            return self._dice[fault.id].random() < fault.probability
        return (fault.seen - fault.skip) % fault.every == 0

    def listed(self) -> list[Fault]:
        """All faults with how often each was looked at and fired."""
        return self._faults
