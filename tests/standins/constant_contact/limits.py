"""The two limits of an application: calls in a second, by the machine's time, and calls in a day, by the stand-in's."""

from __future__ import annotations

import time
from collections import deque

from standins.clock import Clock
from standins.constant_contact.errors import quota_exceeded, throttled
from standins.switches import Switches

SECOND = 1.0
DAY_SECONDS = 86_400


class Limits:
    """Counts the calls. A refused one takes nothing from either limit."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self._recent: deque[float] = deque()
        self._day, self._calls = self._today(), 0

    def _today(self) -> int:
        return int(self._clock.now() // DAY_SECONDS)

    @property
    def calls_today(self) -> int:
        """How many calls were made since 00:00 UTC."""
        if self._day != self._today():
            self._day, self._calls = self._today(), 0
        return self._calls

    def use(self, calls: int) -> None:
        """Count calls of the day that somebody else's program has made with the same key."""
        self._calls = self.calls_today + calls

    def take(self) -> None:
        """Count one call. Raises Refusal 429, in one of its two wordings."""
        if self.calls_today >= self._switches.calls_per_day:
            raise quota_exceeded()
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= SECOND:
            self._recent.popleft()
        if len(self._recent) >= self._switches.calls_per_second:
            raise throttled()
        self._recent.append(now)
        self._calls += 1
