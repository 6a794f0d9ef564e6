"""What a run is to whoever looks at it, from a card to a metric: one answer, from the run's own row."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from crm_sync.model import RunState


class RunStatus(StrEnum):
    """What became of a run. Only one that left nothing is done."""

    RUNNING = "running"
    WAITING = "waiting"  # of its plan only Do Not Contact was sent; a person decides about the rest
    DONE = "done"
    LEFT_OVER = "left_over"  # it did what it could; whom it could not serve now, a later run takes up
    FAILED = "failed"
    REJECTED = "rejected"
    REPLACED = "replaced"  # its plan was held, and another run planned it anew
    PREVIEW = "preview"
    IDLE = "idle"


class Row(Protocol):
    """What a row of crm_sync.run must tell, with the status of the question that holds its plan, if one does."""

    @property
    def state(self) -> str:
        """How far it came: a RunState."""

    @property
    def left_over(self) -> int:
        """How many operations it should have sent, and did not."""

    @property
    def waiting(self) -> int:
        """How many operations wait for a later run, those that are left over included."""

    @property
    def question_status(self) -> str | None:
        """What was decided about its plan."""


UNDER_WAY = frozenset({RunStatus.RUNNING})
# They ended as they should: whatever was wrong with the provider before is not so any more.
GOOD = frozenset({RunStatus.DONE, RunStatus.LEFT_OVER, RunStatus.IDLE})
HELD = frozenset({RunStatus.WAITING, RunStatus.REJECTED, RunStatus.REPLACED})
_OF_STATE = {
    RunState.OPEN: RunStatus.RUNNING,
    RunState.PLANNED: RunStatus.RUNNING,
    RunState.IDLE: RunStatus.IDLE,
    RunState.PREVIEWED: RunStatus.PREVIEW,
    RunState.FAILED: RunStatus.FAILED,
}
_OF_QUESTION = {"open": RunStatus.WAITING, "rejected": RunStatus.REJECTED}


def status_of(run: Row) -> RunStatus:
    """What a run is. What it should have sent and did not makes it a failed one, however it was closed."""
    state = RunState(run.state)
    if state in _OF_STATE:
        return _OF_STATE[state]
    if run.left_over:
        return RunStatus.FAILED
    if state is RunState.HELD:
        return _OF_QUESTION.get(run.question_status or "", RunStatus.REPLACED)
    return RunStatus.LEFT_OVER if run.waiting else RunStatus.DONE
