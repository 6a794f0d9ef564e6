"""A plan that would take away too much waits for a person; small numbers and stated wishes pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.errors import BrakeError
from crm_sync.model import Mode, Run, RunState
from crm_sync.pipeline import brake
from crm_sync.settings import Settings


def weighed(
    people: tuple[int, int] = (0, 0),
    memberships: tuple[int, int] = (0, 0),
    allowed: tuple[int, int] = (0, 0),
    **run: bool,
) -> str:
    """What is said where the brake is pulled, "" elsewhere; pairs of removed and held."""
    found = SimpleNamespace(
        people_removed=people[0],
        people_held=people[1],
        memberships_removed=memberships[0],
        memberships_held=memberships[1],
    )
    sync: Any = SimpleNamespace(
        run=Run(
            1,
            "x",
            Mode.CHANGES,
            people_allowed=allowed[0],
            memberships_allowed=allowed[1],
            allowed_by="chair" if any(allowed) else None,
            **run,
        ),
        settings=Settings(),
        provider=SimpleNamespace(name="x", title="X"),
    )
    error = brake.pulled(sync, SimpleNamespace(row=lambda *_, **__: found))  # type: ignore[arg-type]
    if isinstance(error, BrakeError):
        assert (error.people, error.memberships) == (people[0], memberships[0])
    assert isinstance(error, BrakeError) is (error is not None and allowed == (0, 0)), "one run asks once"
    return str(error or "")


@pytest.mark.parametrize(("removed", "held"), [(50, 50), (51, 510), (0, 0), (100, 1000)])
def test_up_to_the_floor_or_the_share_passes(removed: int, held: int) -> None:
    assert weighed((removed, held), (removed, held)) == ""


@pytest.mark.parametrize(("removed", "held"), [(51, 509), (51, 51), (51, 0), (1_000_000, 1_000_000)])
def test_more_than_both_is_held_with_the_numbers(removed: int, held: int) -> None:
    assert f"{removed:,} of {held:,} people at X, more than 10%; nothing was sent" in weighed((removed, held))
    assert f"{removed:,} of {held:,} list memberships" in weighed((0, 10), (removed, held))
    assert f"{removed:,} of {held:,} people and 60 of 60 list" in weighed((removed, held), (60, 60))


def test_a_person_may_allow_it_beforehand_and_a_preview_is_never_held() -> None:
    assert weighed((100, 100), allow_removals=True) == ""
    assert weighed((100, 100), dry_run=True) == ""


def test_what_was_approved_passes_though_it_grew_a_little_but_not_another_kind_or_much_more() -> None:
    assert weighed((100, 200), allowed=(100, 0)) == ""
    assert weighed((150, 200), allowed=(100, 0)) == ""
    assert "151 of 200 people at X, more than 10%; nothing was sent. That is far more than chair" in weighed(
        (151, 200), allowed=(100, 0)
    )
    assert "100 of 200 list memberships" in weighed((100, 200), (100, 200), allowed=(100, 0))


@pytest.mark.parametrize(
    ("state", "who", "expected"),
    [(RunState.HELD, "chair", True), (RunState.HELD, None, False), (RunState.PLANNED, "chair", False)],
)
def test_only_a_held_plan_that_was_approved_is_made_anew(state: RunState, who: str | None, expected: bool) -> None:
    assert brake.is_to_be_planned_anew(Run(1, "x", Mode.CHANGES, state=state, allowed_by=who)) is expected
