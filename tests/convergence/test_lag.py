"""The metric for how far a provider is behind: how long the oldest change waits that no run has brought there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from convergence.arena import Arena
from convergence.two_people import BOB_IS_CALLED_OTHERWISE
from crm_sync.ledger.database import Database

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEN_MINUTES = 600.0


@pytest.fixture
def lag(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """What the watch tells of the arena's provider."""
    from crm_sync.operators import metrics

    sent: list[float] = []

    @contextmanager
    def opened(*_: str) -> Iterator[Database]:
        yield played.world.crm

    monkeypatch.setattr(metrics, "open_database", opened)
    monkeypatch.setattr(metrics, "are_on", lambda: True)
    monkeypatch.setattr(metrics, "stats", SimpleNamespace(gauge=lambda name, value, tags: sent.append(value)))

    def told() -> float:
        metrics.measure_lag(played.world.state, played.world.provider)
        return sent.pop()

    return told


def wait(arena: Arena) -> None:
    """Ten minutes pass."""
    arena.world.crm_do("update crm.change_log set changed_at = changed_at - interval '10 minutes'")
    arena.world.query(
        "update crm_sync.run set extracted_at = extracted_at - interval '10 minutes' returning extracted_at"
    )


def test_a_change_waits_for_as_long_as_no_run_has_brought_it_there(played: Arena, lag: Callable[[], float]) -> None:
    wait(played)
    assert lag() == 0, "the provider is in step, however long ago it was brought there"
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert 0 < lag() < TEN_MINUTES / 2
    wait(played)
    assert lag() == pytest.approx(TEN_MINUTES, abs=TEN_MINUTES / 2)
    assert played.run("changes")
    assert lag() == 0


def test_what_a_run_has_read_and_not_brought_there_waits(played: Arena, lag: Callable[[], float]) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    played.standin.fault("status", status=503, times=1_000_000)
    played.is_stormy = True
    assert not played.run("changes")
    wait(played)
    assert lag() == pytest.approx(TEN_MINUTES, abs=TEN_MINUTES / 2)
    played.standin.clear_faults()
    assert played.run("changes")
    assert lag() == 0
