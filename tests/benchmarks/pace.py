"""Keeps a vendor's pace for all clients of a run together, as the vendor does, and notes how long it was waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from pyrate_limiter import Limiter, Rate

from crm_sync.transport import budget

# Facts of a data sheet without the vendor's limits, so that what is measured is the pipeline.
UNLIMITED: dict[str, Any] = {"calls_per_second": None, "calls_per_day": 1_000_000}


class Turns:
    """Stands in for the limiter of every client, each of which would begin its second anew."""

    def __init__(self) -> None:
        self._limiter: Limiter | None = None
        self._spans: list[tuple[float, float]] = []

    def limiter(self, rate: Rate) -> Turns:
        """What a client takes for a limiter of its own."""
        self._limiter = self._limiter or Limiter(rate)
        return self

    def try_acquire(self, name: str) -> None:
        """Wait for the next turn."""
        if self._limiter is not None:
            began = time.perf_counter()
            self._limiter.try_acquire(name)
            self._spans.append((began, time.perf_counter()))

    def seconds(self) -> float:
        """How long at least one call has waited since the last time this was asked."""
        total, until = 0.0, 0.0
        for began, ended in sorted(self._spans):
            total += max(0.0, ended - max(began, until))
            until = max(until, ended)
        self._spans.clear()
        return total


@contextmanager
def noted() -> Iterator[Turns]:
    """All clients that connect inside share one limiter."""
    turns = Turns()
    with patch.object(budget, "Limiter", turns.limiter):
        yield turns
