"""Logs how far a phase has come, every few seconds, however many batches are answered in between."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sync.model import Status
from crm_sync.pipeline.context import log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crm_sync.operations import Outcome

SECONDS_BETWEEN_LINES = 10


@dataclass
class Progress:
    """One phase with ``total`` operations; ``now`` is a clock in seconds that never goes back."""

    phase: str
    total: int
    now: Callable[[], float] = time.monotonic
    settled: int = 0
    submitted: int = 0
    _began: float = field(init=False)
    _said_at: float = field(init=False)

    def __post_init__(self) -> None:
        """The clock starts with the phase."""
        self._began = self._said_at = self.now()

    def add(self, answer: Sequence[Outcome]) -> None:
        """Count the outcomes of a call; the provider is still working on those that are submitted."""
        submitted = sum(each.status == Status.SUBMITTED for each in answer)
        self.submitted += submitted
        self.settled += len(answer) - submitted

    def say(self, *, is_over: bool = False) -> None:
        """Log a line if one is due: some seconds after the last one, and at the end of a phase that had anything to
        send."""
        now = self.now()
        if (is_over and self._answered) or now - self._said_at >= SECONDS_BETWEEN_LINES:
            self._said_at = now
            log.info("%s: %d of %d settled%s", self.phase, self.settled, self.total, self._beside(now - self._began))

    @property
    def _answered(self) -> int:
        return self.settled + self.submitted

    def _beside(self, seconds: float) -> str:
        submitted = f", {self.submitted} submitted" if self.submitted else ""
        if not self._answered or not seconds:
            return submitted
        a_second = self._answered / seconds
        left = max(0, self.total - self._answered)
        remaining = f", about {left / a_second:.0f} s left" if left else ""
        return f"{submitted}, {a_second:.1f} a second{remaining}"
