"""How far a load has come is a line in the log: now and then, and at the end of each phase that had anything."""

from __future__ import annotations

import logging

import pytest

from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline.progress import SECONDS_BETWEEN_LINES, Progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="crm_sync")


def answer(status: str, count: int) -> list[Outcome]:
    return [Outcome(Operation(number), status) for number in range(count)]


def test_many_batches_in_a_short_time_are_one_line(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    progress = Progress("enroll", 1000, now=clock)
    for _ in range(40):
        clock.seconds += SECONDS_BETWEEN_LINES / 20
        progress.add(answer("applied", 10))
        progress.say()
    assert caplog.messages == [
        "enroll: 200 of 1000 settled, 20.0 a second, about 40 s left",
        "enroll: 400 of 1000 settled, 20.0 a second, about 30 s left",
    ]


def test_the_end_of_a_phase_is_said_however_short_it_was(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    progress = Progress("archive", 3, now=clock)
    progress.add(answer("applied", 2))
    progress.add(answer("refused", 1))
    progress.say()
    assert caplog.messages == []
    clock.seconds += 1
    progress.say(is_over=True)
    assert caplog.messages == ["archive: 3 of 3 settled, 3.0 a second"]


def test_what_goes_on_at_the_provider_is_not_called_settled(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    progress = Progress("enroll", 10, now=clock)
    progress.add(answer("submitted", 6) + answer("refused", 2))
    clock.seconds += 4
    progress.say(is_over=True)
    assert caplog.messages == ["enroll: 2 of 10 settled, 6 submitted, 2.0 a second, about 1 s left"]


def test_a_phase_without_anything_says_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    progress = Progress("suppress", 0, now=clock)
    clock.seconds += 1
    progress.say(is_over=True)
    assert caplog.messages == []
