"""A plan that would take away too much waits for a person; small numbers and stated wishes pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.errors import BrakeError
from crm_sync.pipeline.planning import _brake
from crm_sync.settings import Settings


def weigh(
    people: tuple[int, int] = (0, 0), memberships: tuple[int, int] = (0, 0), *, allow: bool = False, dry: bool = False
) -> None:
    weighed = SimpleNamespace(
        people_removed=people[0],
        people_held=people[1],
        memberships_removed=memberships[0],
        memberships_held=memberships[1],
    )
    sync: Any = SimpleNamespace(
        run=SimpleNamespace(run_id=1, allow_removals=allow, dry_run=dry),
        settings=Settings(),
        provider=SimpleNamespace(name="x", title="X"),
    )
    _brake(sync, SimpleNamespace(row=lambda *_, **__: weighed))  # type: ignore[arg-type]


@pytest.mark.parametrize(("removed", "held"), [(50, 50), (51, 510), (0, 0), (100, 1000)])
def test_up_to_the_floor_or_the_share_passes(removed: int, held: int) -> None:
    weigh((removed, held), (removed, held))


@pytest.mark.parametrize(("removed", "held"), [(51, 509), (51, 51), (51, 0), (1_000_000, 1_000_000)])
def test_more_than_both_is_stopped_with_the_numbers_and_the_remedy(removed: int, held: int) -> None:
    with pytest.raises(BrakeError, match=f"{removed} of {held} people.*allow_removals"):
        weigh((removed, held))
    with pytest.raises(BrakeError, match=f"{removed} of {held} list memberships.*nothing was sent"):
        weigh((0, 10), (removed, held))


def test_a_person_may_allow_it_and_a_preview_is_never_stopped() -> None:
    weigh((100, 100), allow=True)
    weigh((100, 100), dry=True)
