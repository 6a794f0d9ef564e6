"""VoterVoice: Do Not Contact keeps people out where the connection says so, and has no effect where it does not."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from convergence.arena import Arena
from convergence.stages import stages_before, stages_from
from convergence.two_people import ADDRESS, ANN_LEAVES, ANN_REFUSES_MAIL, add_person, names_held
from crm_sync.errors import PremiseError
from crm_sync.pipeline.begin import OTHER_RULES

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["votervoice"], indirect=True),
]
OTHERS = ("Cid", "Dora", "Eve", "Fay")
REFUSES_ONE_LIST = "update crm.list_member set do_not_contact = true where contact_id = 1"
NO_LONGER = "update crm.contact set do_not_contact = false where contact_id = 1"


@pytest.fixture
def heeding(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """The connection says that Do Not Contact keeps people out."""
    monkeypatch.setattr(played.world, "extras", {**played.world.extras, "heeds_do_not_contact": True})
    monkeypatch.setattr(played.world, "settings", played.world.settings)
    assert played.run("changes")
    return played


def last_run(arena: Arena) -> tuple[str, str | None]:
    return arena.world.query("select mode, notice from crm_sync.run order by run_id desc limit 1")[0]


def causes(arena: Arena) -> list[tuple[str, str, str]]:
    """Verb, cause and status of what the last run did."""
    return arena.world.query(
        "select verb, cause, status from crm_sync.operation where run_id = (select max(run_id) from crm_sync.run)"
    )


@pytest.mark.parametrize("mode", ["changes", "compare", "full"])
def test_without_a_word_of_the_connection_it_has_no_effect(played: Arena, mode: str) -> None:
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run(mode)
    assert names_held(played) == {"Ann", "Bob"}
    played.settle()


@pytest.mark.parametrize("flag", [ANN_REFUSES_MAIL, REFUSES_ONE_LIST])
@pytest.mark.parametrize("mode", ["changes", "compare", "full"])
def test_who_refuses_leaves_and_comes_back(heeding: Arena, mode: str, flag: str) -> None:
    heeding.world.crm_do(flag)
    assert heeding.run(mode)
    assert names_held(heeding) == {"Bob"}
    assert causes(heeding) == [("suppress", "do_not_contact", "applied")]
    assert heeding.run(mode)
    assert causes(heeding) == []
    heeding.world.crm_do(NO_LONGER)
    heeding.world.crm_do(REFUSES_ONE_LIST.replace("true", "false"))
    assert heeding.run(mode)
    assert names_held(heeding) == {"Ann", "Bob"}
    heeding.settle()


def test_in_the_scope_of_lists_a_flag_of_a_list_is_none_of_votervoices(heeding: Arena) -> None:
    heeding.world.settings = replace(heeding.world.settings, do_not_contact_scope="list")
    heeding.world.crm_do(REFUSES_ONE_LIST)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Ann", "Bob"}
    heeding.world.crm_do(ANN_REFUSES_MAIL)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Bob"}


def test_the_choice_takes_effect_with_the_next_run_either_way(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    monkeypatch.setattr(played.world, "extras", {**played.world.extras, "heeds_do_not_contact": True})
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    assert names_held(played) == {"Bob"}
    played.world.extras = {**played.world.extras, "heeds_do_not_contact": False}
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob"}
    played.settle()


def test_who_refuses_and_is_no_member_any_more_stays_away(heeding: Arena) -> None:
    heeding.world.crm_do(ANN_REFUSES_MAIL + ";" + ANN_LEAVES)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Bob"}
    heeding.world.crm_do(NO_LONGER)
    assert heeding.run("full")
    assert names_held(heeding) == {"Bob"}
    heeding.settle()


def brake_from_two(arena: Arena) -> None:
    """Six members; two who are taken away pull the brake."""
    with psycopg.connect(arena.association.dsn) as connection:
        for number, name in enumerate(OTHERS, start=3):
            add_person(connection, number, name, f"{name.lower()}@example.org", list_id=1)
    assert arena.run("changes")
    arena.world.settings = replace(arena.world.settings, brake_floor=1, brake_share=0.1)


def test_it_goes_through_while_the_rest_of_a_plan_waits(heeding: Arena) -> None:
    brake_from_two(heeding)
    heeding.world.crm_do(ANN_REFUSES_MAIL)
    heeding.world.crm_do("update crm.membership set status = 'dropped' where contact_id in (3, 4)")
    heeding.run("changes")
    assert names_held(heeding) == {"Bob", *OTHERS}
    assert heeding.world.answer(approves=True)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Bob", "Eve", "Fay"}


def test_a_choice_that_would_take_away_many_asks_first(heeding: Arena) -> None:
    heeding.world.extras = {**heeding.world.extras, "heeds_do_not_contact": False}
    brake_from_two(heeding)
    heeding.world.crm_do("update crm.contact set do_not_contact = true where contact_id in (1, 3, 4)")
    assert heeding.run("changes")
    heeding.world.extras = {**heeding.world.extras, "heeds_do_not_contact": True}
    heeding.run("changes")
    assert names_held(heeding) == {"Ann", "Bob", *OTHERS}
    assert heeding.world.answer(approves=True)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Bob", "Eve", "Fay"}


def test_the_address_of_who_refuses_is_free_for_somebody_else(heeding: Arena) -> None:
    heeding.world.crm_do(ANN_REFUSES_MAIL)
    assert heeding.run("changes")
    heeding.world.crm_do(
        "delete from crm.email_address where contact_id = 1;"
        f"update crm.email_address set address = '{ADDRESS}' where contact_id = 2"
    )
    assert heeding.run("changes")
    there = {each["contact_id"]: each["email"] for each in heeding.standin.state()["contacts"]}
    assert there["2"] == ADDRESS


def test_a_load_that_another_choice_of_the_connection_opened_ends(heeding: Arena) -> None:
    heeding.world.crm_do(ANN_REFUSES_MAIL)
    airflow_run_id = heeding.begin("changes")
    assert heeding.play(stages_before("transform"), airflow_run_id)
    heeding.world.extras = {**heeding.world.extras, "heeds_do_not_contact": False}
    with pytest.raises(PremiseError):
        heeding.play(stages_from("transform"), airflow_run_id)
    assert heeding.run("changes")
    assert names_held(heeding) == {"Ann", "Bob"}
    heeding.settle()
