"""A run that dies leaves what its load was told; what it decided about others, and never recorded, takes no effect."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.stages import stages_before, stages_from
from convergence.two_people import add_person, clear_the_weather, names_held

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TOO_LONG = "x" * 300
ANNA = "update crm.contact set first_name = 'Anna' where contact_id = 1"
CARA = "update crm.contact set first_name = 'Cara' where contact_id = 3"
BOBBY = "update crm.contact set first_name = 'Bobby' where contact_id = 2"


def set_aside(arena: Arena) -> set[int]:
    """The contacts of whom a row says that their data is bad."""
    rows = arena.world.query("select contact_id from crm_sync.exceptions where what = 'contact'")
    return {contact_id for (contact_id,) in rows}


def with_a_bad_name(arena: Arena) -> None:
    """Cara is in the second list, and her name is too long for any provider of newsletters."""
    with arena.association.connect() as connection:
        add_person(connection, 3, TOO_LONG, "cara@example.org", list_id=2)
    assert arena.run("changes")
    assert set_aside(arena) == {3}


def cleared(arena: Arena, first: str) -> str:
    """Somebody clears the last run from that stage on, and there is something else to do by then; its Airflow run
    id."""
    airflow_run_id = arena.world.last_run_id()
    arena.world.crm_do(BOBBY)
    if first == "opt_outs":
        arena.begin_again(airflow_run_id)
    return airflow_run_id


@pytest.mark.parametrize("died_before", ["load", "record"])
@pytest.mark.parametrize("mode", ["backfill", "full"])
def test_bad_data_is_a_row_still_where_a_run_that_read_it_again_died(
    played: Arena, mode: str, died_before: str
) -> None:
    with_a_bad_name(played)
    assert played.play(stages_before(died_before), played.begin(mode))
    played.world.crm_do(BOBBY)
    assert played.run("changes")
    assert set_aside(played) == {3}
    played.settle()


@pytest.mark.parametrize("mode", ["backfill", "full"])
def test_bad_data_is_a_row_still_where_a_run_that_read_it_again_is_cleared_and_dies(played: Arena, mode: str) -> None:
    with_a_bad_name(played)
    airflow_run_id = played.begin(mode)
    assert played.play(stages_before("load"), airflow_run_id)
    assert played.play(["extract"], airflow_run_id)
    assert played.run("changes")
    assert set_aside(played) == {3}
    played.settle()


def test_data_that_was_mended_before_the_run_that_died_is_no_row_any_more(played: Arena) -> None:
    with_a_bad_name(played)
    played.world.crm_do(CARA)
    assert played.play(stages_before("record"), played.begin("changes"))
    assert played.run("changes")
    assert not set_aside(played)
    played.settle()


@pytest.mark.parametrize("first", ["opt_outs", "extract"])
def test_bad_data_is_a_row_still_where_the_run_that_found_it_is_cleared(played: Arena, first: str) -> None:
    with_a_bad_name(played)
    airflow_run_id = cleared(played, first)
    assert played.play(stages_from(first), airflow_run_id)
    assert set_aside(played) == {3}
    played.settle()
    played.world.crm_do(CARA)
    assert played.run("changes")
    assert not set_aside(played)
    played.settle()


@pytest.mark.parametrize(
    ("first", "died_before"), [("opt_outs", "extract"), ("opt_outs", "load"), ("extract", "load"), ("plan", "load")]
)
def test_bad_data_is_a_row_still_where_the_run_that_found_it_is_cleared_and_dies(
    played: Arena, first: str, died_before: str
) -> None:
    with_a_bad_name(played)
    airflow_run_id = cleared(played, first)
    again = [name for name in stages_from(first) if name not in stages_from(died_before)]
    assert played.play(again, airflow_run_id)
    played.world.crm_do(ANNA)
    assert played.run("changes")
    assert set_aside(played) == {3}
    played.settle()


@everywhere
@pytest.mark.parametrize("died_before", ["validate", "transform"])
def test_what_is_to_be_tried_again_is_not_forgotten_by_a_run_that_is_cleared_for_others_and_dies(
    played: Arena, died_before: str
) -> None:
    """Nothing in the change log tells of Ann any more: the ledger alone knows that she is to be called otherwise."""
    played.world.crm_do(ANNA)
    played.is_stormy = True
    for method in ("POST", "PUT", "PATCH"):
        played.standin.fault("cut_before", method=method)
    assert not played.run("changes")
    clear_the_weather(played)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    played.world.crm_do(BOBBY)
    again = [name for name in stages_from("extract") if name not in stages_from(died_before)]
    assert played.play(again, airflow_run_id)
    assert names_held(played) == {"Ann", "Bob"}
    assert played.run("changes")
    assert names_held(played) == {"Anna", "Bobby"}
    played.settle()
