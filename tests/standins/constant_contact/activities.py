"""Jobs that are done later: they take several looks to be done, keep ten days, and may fail when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from standins.clock import Clock
from standins.constant_contact.errors import not_found, queue_full
from standins.constant_contact.forms import identifier, serial_in
from standins.switches import Switches

KEPT_SECONDS = 10 * 24 * 3600
WAITING = frozenset({"initialized", "processing"})
FAILURES = ("failed", "timed_out", "cancelled")


class Job(Protocol):
    """The work of an activity, done in one go when its time has come."""

    kind: str

    def expected(self) -> dict[str, int]:
        """The counters while it is not done."""

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Do it, or only its first `most` items; counters and messages."""


class Failure(msgspec.Struct):
    """How the next activity is to end instead of being completed, after so many of its items."""

    state: str
    errors: list[str]
    applied: int = 0


class Activity:
    """One queued job."""

    def __init__(self, serial: int, job: Job, now: int, failure: Failure | None) -> None:
        self.serial, self.job, self.kind, self.failure = serial, job, job.kind, failure
        self.id = identifier("activity", serial)
        self.state, self.percent, self.looks = "initialized", 0, 0
        self.created = self.updated = now
        self.started = self.completed = 0
        self.errors: list[str] = []
        self.status: dict[str, int] = {}


class Queue:
    """All activities of the account, oldest first."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self._activities: list[Activity] = []
        self.failures: list[Failure] = []

    def submit(self, job: Job, is_bulk: bool = True) -> Activity:
        """A new activity. Raises Refusal 429 where a bulk call finds too many waiting."""
        if is_bulk and len(self.waiting()) >= self._switches.queued_activities:
            raise queue_full()
        failure = self.failures.pop(0) if self.failures else None
        activity = Activity(len(self._activities) + 1, job, int(self._clock.now()), failure)
        self._activities.append(activity)
        return activity

    def visible(self) -> list[Activity]:
        """Those of the last ten days, newest first."""
        oldest = self._clock.now() - KEPT_SECONDS
        return [activity for activity in reversed(self._activities) if activity.created >= oldest]

    def waiting(self) -> list[Activity]:
        """Those that are not done yet, oldest first."""
        return [activity for activity in reversed(self.visible()) if activity.state in WAITING]

    def found(self, name: str) -> Activity:
        """The activity of a path. Raises Refusal 404, after ten days too."""
        index = serial_in(name) - 1
        activity = self._activities[index] if 0 <= index < len(self._activities) else None
        is_kept = activity is not None and activity.created >= self._clock.now() - KEPT_SECONDS
        if activity is None or activity.id != name.lower() or not is_kept:
            raise not_found()
        return activity

    def state_at_next_look(self, activity: Activity) -> str:
        """What somebody who looks now will be shown."""
        if activity.state not in WAITING:
            return activity.state
        if activity.looks + 1 < self._switches.polls_to_complete:
            return "processing"
        return activity.failure.state if activity.failure else "completed"

    def look(self, activity: Activity) -> Activity:
        """Somebody looks: a waiting activity comes one step further, and at the last step its work is done."""
        if activity.state in WAITING:
            state = self.state_at_next_look(activity)
            activity.looks += 1
            activity.started = activity.started or int(self._clock.now())
            activity.updated = int(self._clock.now())
            if state == "processing":
                activity.state, activity.percent, activity.status = state, 50, activity.job.expected()
            else:
                self._finish(activity, state)
        return activity

    def _finish(self, activity: Activity, state: str) -> None:
        failure = activity.failure
        activity.status, activity.errors = activity.job.run(failure.applied if failure else None)
        activity.errors = [*activity.errors, *(failure.errors if failure else [])]
        activity.percent = activity.percent if failure else 100
        activity.state, activity.completed = state, int(self._clock.now())
        activity.job = Done(activity.kind)

    def finish_all(self) -> int:
        """Every waiting activity comes to its end, oldest first; how many there were."""
        waiting = self.waiting()
        for activity in waiting:
            while activity.state in WAITING:
                self.look(activity)
        return len(waiting)

    def described(self, form: Callable[[Activity], dict[str, Any]]) -> list[dict[str, Any]]:
        """All activities, oldest first, those that the provider has forgotten too."""
        return [form(activity) for activity in self._activities]


class Done:
    """In the place of a job that is over, so that its rows are not kept."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def expected(self) -> dict[str, int]:
        """Nothing any more."""
        return {}

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Nothing any more."""
        return {}, []
