"""When a change in the CRM starts a run: the first one after a quiet time at once, those of a burst after it when it
rests, or after half a minute if it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# How often the CRM is asked whether something changed.
LOOK_SECONDS = 2.0
# The burst rests when nothing has changed for so long; it is not waited for longer than that.
QUIET = timedelta(seconds=3)
LONGEST = timedelta(seconds=30)
# A start that no run has followed is repeated after this, then after twice as long, and so on up to the longest pause.
REPEAT, LONGEST_PAUSE = timedelta(seconds=60), timedelta(minutes=10)
# Changes start runs until this share of the provider's calls of a day is used; the rest belongs to the schedule.
SHARE_OF_CALLS = 0.5


@dataclass
class Bursts:
    """Changes that no run has taken up yet. All times are by one clock."""

    since: datetime | None = None
    newest: datetime | None = None
    started: datetime | None = None
    is_taken_up: bool = True
    pause: timedelta = REPEAT

    def changed(self, now: datetime) -> None:
        """Something has changed."""
        self.since, self.newest = self.since or now, now

    def settle(self) -> None:
        """Nothing waits: a run has read all changes."""
        self.since = self.newest = None

    def opened(self, at: datetime | None) -> None:
        """The provider's newest run opened ``at`` that time; a start is taken up by a run that opened after it."""
        if self.started and at and at >= self.started:
            self.is_taken_up, self.pause = True, REPEAT

    def start(self, now: datetime) -> None:
        """A run is asked for. It reads all changes, so none waits any more."""
        if not self.is_taken_up:
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self.settle()
        self.started, self.is_taken_up = now, False

    def is_due(self, now: datetime) -> bool:
        """Whether a run is to be asked for."""
        if not self.is_taken_up and self.started:
            return now - self.started >= self.pause
        if self.since is None or self.newest is None:
            return False
        is_first = self.started is None or now - self.started > LONGEST
        return is_first or now - self.newest >= QUIET or now - self.since >= LONGEST
