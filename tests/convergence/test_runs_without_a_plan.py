"""A run whose plan failed, or was not approved, sends nothing and leaves the cursor, however often it is cleared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.stages import stages_before, stages_from
from convergence.two_people import ADDRESS, ANN_LEAVES, do_by_hand, names_held, writes
from crm_sync.errors import ConfigError, LoadFailedError

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def left_without_a_plan(arena: Arena) -> str:
    """Ann leaves; the run that is to bring it dies before its plan is made. Its Airflow run id."""
    arena.world.crm_do(ANN_LEAVES)
    airflow_run_id = arena.begin("changes")
    assert arena.play(stages_before("plan"), airflow_run_id)
    arena.standin.clear_requests()
    return airflow_run_id


def cursor(arena: Arena) -> list[tuple[str]]:
    """Up to where the CRM was read."""
    return arena.world.query("select snapshot from crm_sync.cursor where provider = %s", arena.world.provider)


def assert_nothing_sent(arena: Arena) -> None:
    assert not writes(arena)
    assert names_held(arena) == {"Ann", "Bob"}


@everywhere
def test_a_run_without_a_plan_is_recorded_as_failed_however_often_and_the_next_one_brings_all(played: Arena) -> None:
    before = cursor(played)
    airflow_run_id = left_without_a_plan(played)
    for _ in range(2):
        with pytest.raises(LoadFailedError, match="the cursor did not move"):
            played.world.stage("record", airflow_run_id)
    assert cursor(played) == before != []
    assert_nothing_sent(played)
    assert played.run("changes")
    assert names_held(played) == {"Bob"}
    played.settle()


@everywhere
def test_a_run_without_a_plan_is_not_loaded(played: Arena) -> None:
    airflow_run_id = left_without_a_plan(played)
    with pytest.raises(ConfigError, match="has no plan that it may send"):
        played.world.stage("load", airflow_run_id)
    assert_nothing_sent(played)


@everywhere
def test_a_plan_that_nobody_approved_is_not_sent_however_its_run_is_cleared(
    played: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = replace(played.world.settings, brake_floor=0)
    monkeypatch.setattr(played.world, "settings", careful)
    before = cursor(played)
    airflow_run_id = left_without_a_plan(played)
    for stages in (stages_from("plan"), stages_from("load"), ["record"], stages_from("plan")):
        for stage in stages:
            played.world.stage(stage, airflow_run_id)
    assert_nothing_sent(played)
    assert cursor(played) == before
    rows = played.world.query("select distinct status from crm_sync.operation where verb in ('archive', 'suppress')")
    assert rows == [("held",)]


@everywhere
def test_a_run_that_failed_can_be_cleared_from_extract_on(played: Arena) -> None:
    airflow_run_id = left_without_a_plan(played)
    with pytest.raises(LoadFailedError):
        played.world.stage("record", airflow_run_id)
    assert played.play(stages_from("extract"), airflow_run_id)
    assert names_held(played) == {"Bob"}
    played.settle()


def test_a_full_run_that_failed_can_be_cleared_from_extract_on_and_still_knows_what_it_read_back(played: Arena) -> None:
    do_by_hand(played, "archive", ADDRESS)
    airflow_run_id = played.begin("full")
    assert played.play(stages_before("plan"), airflow_run_id)
    with pytest.raises(LoadFailedError):
        played.world.stage("record", airflow_run_id)
    assert names_held(played) == {"Bob"}
    assert played.play(stages_from("extract"), airflow_run_id)
    assert names_held(played) == {"Ann", "Bob"}
    played.settle()
