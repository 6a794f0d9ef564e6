"""When a change in the CRM starts a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crm_sync.live import LONGEST, LONGEST_PAUSE, QUIET, REPEAT, Bursts

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def started(seconds: float) -> Bursts:
    """A run was asked for then, and opened a second later."""
    bursts = Bursts()
    bursts.changed(at(seconds))
    bursts.start(at(seconds))
    bursts.opened(at(seconds + 1))
    return bursts


def test_without_a_change_nothing_starts() -> None:
    assert not Bursts().is_due(NOON)
    assert not started(0).is_due(at(3600))


def test_the_first_change_after_a_quiet_time_starts_a_run_at_once() -> None:
    bursts = Bursts()
    bursts.changed(NOON)
    assert bursts.is_due(NOON)
    later = started(0)
    later.changed(at(LONGEST.total_seconds() + 1))
    assert later.is_due(at(LONGEST.total_seconds() + 1))


def test_what_follows_in_a_burst_waits_until_it_rests() -> None:
    bursts = started(0)
    for second in (5.0, 6.0, 8.0):
        bursts.changed(at(second))
        assert not bursts.is_due(at(second))
    assert not bursts.is_due(at(8) + QUIET - timedelta(milliseconds=1))
    assert bursts.is_due(at(8) + QUIET)


def test_a_burst_that_does_not_rest_is_waited_for_half_a_minute() -> None:
    bursts = started(0)
    due = []
    for second in range(2, 90, 2):
        bursts.changed(at(second))
        if bursts.is_due(at(second)):
            due.append(second)
            bursts.start(at(second))
            bursts.opened(at(second + 1))
    assert due == [32, 64]


def test_a_thousand_changes_in_a_second_start_one_run() -> None:
    bursts = started(0)
    for number in range(1000):
        bursts.changed(at(10 + number / 1000))
    assert bursts.is_due(at(15))
    bursts.start(at(15))
    bursts.opened(at(16))
    assert not bursts.is_due(at(3600))


def test_a_start_that_no_run_has_followed_is_repeated_with_growing_pauses() -> None:
    bursts, asked = Bursts(), [0.0]
    bursts.changed(NOON)
    bursts.start(NOON)
    for second in range(1, 4000):
        if bursts.is_due(at(second)):
            bursts.start(at(second))
            asked.append(second)
    pauses = [later - before for before, later in pairwise(asked)]
    assert pauses[:3] == [REPEAT.total_seconds() * times for times in (1, 2, 4)]
    assert max(pauses) == LONGEST_PAUSE.total_seconds()


@pytest.mark.parametrize("opened", [None, -1.0])
def test_a_run_that_opened_before_the_start_has_not_followed_it(opened: float | None) -> None:
    bursts = Bursts()
    bursts.changed(NOON)
    bursts.start(NOON)
    bursts.opened(None if opened is None else at(opened))
    assert bursts.is_due(NOON + REPEAT)
    bursts.opened(at(61))
    assert not bursts.is_due(at(3600))


def test_changes_that_a_run_has_read_start_none() -> None:
    bursts = started(0)
    bursts.changed(at(2))
    bursts.settle()
    assert not bursts.is_due(at(3600))
