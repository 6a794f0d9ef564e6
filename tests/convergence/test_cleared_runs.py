"""Somebody clears a run in Airflow, from whichever task on: what other runs did stands, and the CRM as it is now
arrives."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.stages import stages_before, stages_from
from convergence.two_people import (
    ADDRESS,
    ANN_IS_BACK,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    names_held,
    person,
)
from crm_sync.errors import LoadFailedError
from crm_sync.pipeline import STAGES

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANNA = "update crm.contact set first_name = 'Anna' where contact_id = 1"
ANNIKA = "update crm.contact set first_name = 'Annika' where contact_id = 1"
ANN_JOINS_BOARD = "insert into crm.list_member (list_id, contact_id) values (2, 1)"
ANN_LEAVES_BOARD = "delete from crm.list_member where list_id = 2 and contact_id = 1"


def brought(arena: Arena, change: str) -> str:
    """A change in the CRM, and the run that brings it; its Airflow run id."""
    arena.world.crm_do(change)
    airflow_run_id = arena.begin("changes")
    assert arena.play(list(STAGES), airflow_run_id)
    return airflow_run_id


def assert_in_step(arena: Arena) -> None:
    assert not (findings := arena.judge().findings), findings


def clear(arena: Arena, airflow_run_id: str) -> None:
    """The run is played once more from its first task on, with something else to do by now."""
    arena.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    arena.begin("changes", airflow_run_id)
    assert arena.play(list(STAGES), airflow_run_id)
    assert "Bobby" in names_held(arena)


@everywhere
def test_who_came_back_since_the_cleared_run_can_leave_again(played: Arena) -> None:
    older = brought(played, ANN_LEAVES)
    assert names_held(played) == {"Bob"}
    brought(played, ANN_IS_BACK)
    clear(played, older)
    assert names_held(played) == {"Ann", "Bobby"}
    brought(played, ANN_LEAVES)
    assert names_held(played) == {"Bobby"}
    assert_in_step(played)


def test_who_came_back_since_the_cleared_run_can_refuse_mail(played: Arena) -> None:
    older = brought(played, ANN_LEAVES)
    brought(played, ANN_IS_BACK)
    clear(played, older)
    brought(played, ANN_REFUSES_MAIL)
    assert person(played, ADDRESS)["is_unsubscribed"]
    assert_in_step(played)


def test_who_left_a_list_since_the_cleared_run_can_join_it_again(played: Arena) -> None:
    older = brought(played, ANN_JOINS_BOARD)
    brought(played, ANN_LEAVES_BOARD)
    clear(played, older)
    assert person(played, ADDRESS)["lists"] == {"News"}
    brought(played, ANN_JOINS_BOARD)
    assert person(played, ADDRESS)["lists"] == {"News", "Board"}
    assert_in_step(played)


@everywhere
def test_what_changes_before_a_loaded_run_is_cleared_from_extract_on_arrives(played: Arena) -> None:
    played.world.crm_do(ANNA)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("record"), airflow_run_id)
    assert names_held(played) == {"Anna", "Bob"}
    played.world.crm_do(ANNIKA)
    assert played.play(stages_from("extract"), airflow_run_id)
    assert names_held(played) == {"Annika", "Bob"}
    played.settle()


@everywhere
def test_what_a_recorded_run_planned_anew_and_never_sent_comes_with_the_next(played: Arena) -> None:
    airflow_run_id = brought(played, ANNA)
    played.world.crm_do(ANNIKA)
    assert played.play([name for name in stages_from("extract") if name not in stages_from("load")], airflow_run_id)
    with pytest.raises(LoadFailedError, match="1 operations were not answered"):
        played.world.stage("record", airflow_run_id)
    assert names_held(played) == {"Anna", "Bob"}
    assert played.run("changes")
    assert names_held(played) == {"Annika", "Bob"}
    played.settle()


def test_do_not_contact_set_before_a_loaded_run_is_cleared_from_extract_on_takes_effect(played: Arena) -> None:
    played.world.crm_do(ANNA)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("record"), airflow_run_id)
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.play(stages_from("extract"), airflow_run_id)
    assert person(played, ADDRESS)["is_unsubscribed"]
    played.settle()
