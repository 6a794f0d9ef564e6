"""What a preview says of a plan is what the run will do with it, whatever a person has decided by then."""

from __future__ import annotations

import pytest

from convergence import test_held_plans
from convergence.arena import Arena
from convergence.test_held_plans import asked, held, last, leave
from convergence.two_people import names_held

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
six = test_held_plans.six


def test_a_preview_says_what_would_be_held_and_asks_nobody(six: Arena) -> None:
    leave(six, 3, 4)
    six.run("changes", dry_run=True)
    assert last(six, "state") == "previewed"
    assert "removes 2 of 6 people" in last(six, "notice")
    assert asked(six) == []


def test_a_preview_after_an_approval_says_what_the_run_will_do_and_leaves_it_the_approval(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert six.world.answer(approves=True)
    six.run("changes", dry_run=True)
    assert last(six, "brake") is None
    assert asked(six) == ["approved"]
    assert six.run("changes")
    assert asked(six) == ["used"]
    assert names_held(six) == {"Ann", "Bob", "Eve", "Fay"}
    six.settle()


def test_a_preview_after_a_rejection_says_that_a_run_would_wait(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert six.world.answer(approves=False)
    six.run("changes", dry_run=True)
    assert "removes 2 of 6 people" in last(six, "brake")
    assert asked(six) == ["rejected"]
