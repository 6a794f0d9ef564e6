"""A plan that would take away too much is held; small numbers and stated wishes pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.model import Mode, Run
from crm_sync.pipeline import brake
from crm_sync.pipeline.brake import Weighed
from crm_sync.settings import Settings

KINDS = ("people", "memberships", "addresses", "names", "suppressions")
MANY = {"archive": 1_000_000}


def weighed(
    numbers: dict[str, int],
    *,
    held: int = 0,
    counts: dict[str, int] = MANY,
    allow: bool = False,
    allowed: dict[str, int] | None = None,
) -> Weighed | None:
    """What the brake says of a plan with these numbers; ``allowed``: what was approved."""
    rows = [
        SimpleNamespace(kind=kind, cause="in_no_list", list_id=None, list_name=None, number=number)
        for kind, number in numbers.items()
    ]
    found = {
        "brake/weighed": rows,
        "brake/held": [SimpleNamespace(people=held, memberships=held)],
    }
    run = Run(
        1, "x", Mode.CHANGES, allow_removals=allow, allowed=allowed or {}, allowed_by="chair" if allowed else None
    )
    sync: Any = SimpleNamespace(run=run, settings=Settings(), provider=SimpleNamespace(name="x", title="X"))
    state: Any = SimpleNamespace(rows=lambda name, **_: found[name])
    return brake.weigh(sync, state, counts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("number", "held"), [(50, 50), (51, 510), (0, 0), (100, 1000)])
def test_up_to_the_floor_or_the_share_passes(kind: str, number: int, held: int) -> None:
    assert weighed({kind: number}, held=held) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("number", "held"), [(51, 509), (51, 51), (51, 0), (1_000_000, 1_000_000)])
def test_more_than_both_is_held_with_the_numbers(kind: str, number: int, held: int) -> None:
    found = weighed({kind: number}, held=held)
    assert found is not None
    assert set(found.too_many) == {kind}
    assert f"{number:,} of {held:,} " in found.why
    assert "at X, more than 10%" in found.why
    assert found.numbers[kind] == number


def test_each_kind_that_is_too_much_is_named() -> None:
    found = weighed({"people": 60, "memberships": 70, "names": 10}, held=200)
    assert found is not None
    assert set(found.too_many) == {"people", "memberships"}
    assert "removes 60 of 200 people and ends 70 of 200 list memberships" in found.why


def test_do_not_contact_goes_on_unless_it_is_a_mass_itself() -> None:
    found, mass = weighed({"people": 60, "suppressions": 50}, held=200), weighed({"suppressions": 51}, held=200)
    assert found is not None
    assert mass is not None
    assert (found.sends_suppressions, mass.sends_suppressions) == (True, False)
    assert "only Do Not Contact is sent" in found.why
    assert "not even Do Not Contact" in mass.why


@pytest.mark.parametrize("counts", [{}, {"archive": 50, "suppress": 50, "update": 50, "create": 1_000_000}])
def test_a_small_plan_is_not_looked_at_twice(counts: dict[str, int]) -> None:
    assert weighed({"people": 51}, held=51, counts=counts) is None


@pytest.mark.parametrize("verb", ["archive", "suppress", "remove_from_list", "change_address", "update", "delete_list"])
def test_what_may_be_too_much_is_looked_at(verb: str) -> None:
    assert weighed({"memberships": 51}, held=51, counts={verb: 1 if verb == "delete_list" else 51}) is not None


def test_only_more_of_what_is_too_much_is_more_than_was_asked() -> None:
    asked: Any = SimpleNamespace(weighed={"people": 60, "suppressions": 0})
    for people, is_more in ((60, False), (61, True)):
        found = weighed({"people": people, "suppressions": 20}, held=200)
        assert found is not None
        assert found.exceeds(asked) is is_more


def test_a_person_may_allow_it_beforehand() -> None:
    assert weighed({"people": 100}, held=100, allow=True) is None


def test_what_was_approved_passes_though_it_grew_a_little_but_not_another_kind_or_much_more() -> None:
    assert weighed({"people": 100}, held=200, allowed={"people": 100}) is None
    assert weighed({"people": 150}, held=200, allowed={"people": 100}) is None
    more = weighed({"people": 151}, held=200, allowed={"people": 100})
    assert more is not None
    assert "151 of 200 people" in more.why
    assert "far more than chair approved" in more.why
    other = weighed({"people": 100, "memberships": 100}, held=200, allowed={"people": 100})
    assert other is not None
    assert set(other.too_many) == {"memberships"}
