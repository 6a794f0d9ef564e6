"""Whoever a run left over waits: since when is kept until they are served, and the run is never called done."""

from __future__ import annotations

from typing import Any

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.two_people import BOB_IS_CALLED_OTHERWISE
from crm_sync.run_status import RunStatus, status_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def statuses(arena: Arena) -> list[RunStatus]:
    """What each run is, the newest first."""
    with arena.world.state.transaction() as state:
        names = arena.world.query("select airflow_run_id from crm_sync.run order by run_id desc")
        rows: list[Any] = [
            state.row("runs/run_end", provider=arena.world.provider, airflow_run_id=name) for (name,) in names
        ]
    return [status_of(row) for row in rows]


def waiting(arena: Arena) -> list[tuple[Any, ...]]:
    return arena.world.query("select refused_at, retry_at from crm_sync.holding where reason = 'deferred'")


@everywhere
def test_whom_a_provider_that_is_down_leaves_over_waits_since_then(played: Arena) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        played.standin.fault("status", status=503, method=method)
    played.is_stormy = True
    assert not played.run("changes")
    assert statuses(played)[0] is RunStatus.FAILED
    ((since, _),) = waiting(played)
    assert since is not None
    assert not played.run("changes")
    assert [row[0] for row in waiting(played)] == [since]
    (found,) = played.world.query("select left_over, waiting from crm_sync.run order by run_id desc limit 1")
    assert found[0] == found[1] > 0

    played.standin.clear_faults()
    played.is_stormy = False
    assert played.run("changes")
    assert (waiting(played), statuses(played)[0]) == ([], RunStatus.DONE)
