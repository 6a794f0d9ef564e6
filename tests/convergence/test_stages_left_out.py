"""A stage that failed and was marked as successful by hand, or was cleared alone, takes nothing away from anybody."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.stages import stages_before, stages_from
from convergence.two_people import BOB_IS_CALLED_OTHERWISE, names_held, writes
from crm_sync.errors import IncompleteError, LoadFailedError
from crm_sync.pipeline import STAGES, task_of

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def begun(arena: Arena) -> str:
    """Somebody changes, and a run is opened."""
    arena.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    airflow_run_id = arena.begin("changes")
    arena.standin.clear_requests()
    return airflow_run_id


@everywhere
@pytest.mark.parametrize("left_out", [name for name in STAGES if name not in {"plan", "load", "record"}])
def test_a_stage_that_was_marked_by_hand_stops_the_run(left_out: str, played: Arena) -> None:
    airflow_run_id = begun(played)
    assert played.play(stages_before(left_out), airflow_run_id) or left_out == "opt_outs"
    after = stages_from(left_out)[1]
    with pytest.raises(IncompleteError, match=f"{left_out} has not completed.*clear the task {task_of(left_out)} "):
        played.world.stage(after, airflow_run_id)
    with pytest.raises(LoadFailedError):
        played.world.stage("record", airflow_run_id)
    assert not writes(played)
    assert names_held(played) == {"Ann", "Bob"}
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bobby"}
    played.settle()


@pytest.mark.parametrize("cleared", ["extract", "validate", "transform"])
def test_a_stage_in_the_middle_may_be_cleared_alone_and_those_after_it_must_follow(cleared: str, played: Arena) -> None:
    airflow_run_id = begun(played)
    assert played.play(stages_before("load"), airflow_run_id)
    played.world.stage(cleared, airflow_run_id)
    with pytest.raises(IncompleteError):
        played.world.stage("load", airflow_run_id)
    assert not writes(played)
    assert played.play(stages_from(cleared)[1:], airflow_run_id)
    assert names_held(played) == {"Ann", "Bobby"}
    played.settle()


def test_a_plan_that_was_begun_again_and_failed_is_not_recorded(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    airflow_run_id = begun(played)
    assert played.play(stages_before("load"), airflow_run_id)

    def fails(*_: object) -> None:
        raise RuntimeError("the worker is out of memory")

    with monkeypatch.context() as patched:
        patched.setattr("crm_sync.pipeline.plan.assign_bundles", fails)
        with pytest.raises(RuntimeError):
            played.world.stage("plan", airflow_run_id)
    with pytest.raises(LoadFailedError):
        played.world.stage("record", airflow_run_id)
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bobby"}
    played.settle()
