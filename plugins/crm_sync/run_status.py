"""What a run shows everywhere, from a card to a metric: one answer, from the run's own row."""

from __future__ import annotations

from dataclasses import dataclass
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
    REPLACED = "replaced"  # its plan was held, and another run planned it again
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
    def dry_run(self) -> bool:
        """Whether it only looked what it would send."""

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
_ANSWERS = ("open", "approved", "rejected", "renewed", "withdrawn", "void", "used", "")


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


@dataclass(frozen=True)
class Filter:
    """Which rows have a status, for a database to find them: of these states, red (failed, or with something left over)
    or not, with something waiting or not, and with these answers to what was asked; None does not matter."""

    states: tuple[str, ...]
    is_red: bool | None = None
    waits: bool | None = None
    questions: tuple[str, ...] | None = None


def filter_of(status: RunStatus) -> Filter:
    """As status_of decides; a test holds that both do alike."""
    if status is RunStatus.FAILED:
        return Filter((RunState.FAILED.value, RunState.RECORDED.value, RunState.HELD.value), is_red=True)
    if status in HELD:
        answers = [each for each in _ANSWERS if _OF_QUESTION.get(each, RunStatus.REPLACED) is status]
        return Filter((RunState.HELD.value,), is_red=False, questions=tuple(answers))
    if status in {RunStatus.DONE, RunStatus.LEFT_OVER}:
        return Filter((RunState.RECORDED.value,), is_red=False, waits=status is RunStatus.LEFT_OVER)
    return Filter(tuple(state.value for state, found in _OF_STATE.items() if found is status))
