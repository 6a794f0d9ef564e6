"""Something was sent, but the cursor stayed, and staff put an earlier backup of the CRM in its place: what rests on the
one before is undone, and what was approved of it, or for another account, lets nothing pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from convergence import images
from convergence.arena import Arena
from convergence.images import Image
from convergence.stages import stages_before
from convergence.two_people import ADDRESS, add_person, person, subscribed
from crm_sync.pipeline import change_log
from local.world import QUICK

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

THREE_LEAVE = "delete from crm.list_member where contact_id in (3, 4, 5)"
ONE_REFUSES_MAIL = "update crm.contact set do_not_contact = true where contact_id = 8"
SOMEBODY_IS_EDITED = "update crm.contact set first_name = 'Anna' where contact_id = 1"
PEOPLE = {number: f"p{number}@example.org" for number in range(3, 11)}
ALL = {ADDRESS, "bob@example.org", *(PEOPLE[number] for number in range(3, 9))}


@pytest.fixture
def eight(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """Ann, Bob and six others; a plan that takes away two is held by the brake."""
    come(played, *range(3, 9))
    assert subscribed(played) == ALL
    monkeypatch.setattr(played.world, "settings", replace(QUICK, brake_floor=1))
    return played


def come(arena: Arena, *contact_ids: int) -> None:
    """People are made in the CRM, and brought across."""
    with psycopg.connect(arena.association.dsn) as connection:
        for number in contact_ids:
            add_person(connection, number, f"P{number}", PEOPLE[number], list_id=1)
    assert arena.run("changes")


def put_back(arena: Arena, image: Image) -> None:
    images.put_back(arena.association.dsn, image)


def held_after_a_backup(arena: Arena, *since: int) -> Image:
    """A backup; then people come, and are brought across; then a plan is held that takes three others away."""
    image = images.of_crm(arena.association.dsn)
    come(arena, *since)
    arena.world.crm_do(THREE_LEAVE)
    assert arena.run("changes")
    assert last(arena, "state") == "held"
    return image


def last(arena: Arena, what: str) -> Any:
    return arena.world.query(f"select {what} from crm_sync.run_summary order by run_id desc limit 1")[0][0]


def asked(arena: Arena) -> list[str]:
    return [status for (status,) in arena.world.query("select status from crm_sync.question order by question_id")]


def test_an_approval_is_void_once_a_backup_is_put_in_place_and_whoever_is_gone_is_disabled(eight: Arena) -> None:
    put_back(eight, held_after_a_backup(eight, 9))
    eight.world.crm_do(SOMEBODY_IS_EDITED)
    assert eight.world.answer(approves=True)
    assert eight.run("changes")
    assert (last(eight, "mode"), last(eight, "state")) == ("compare", "recorded")
    assert "the CRM has been replaced since" in last(eight, "notice")
    assert subscribed(eight) == ALL
    assert asked(eight) == ["void"]
    assert eight.run("changes")
    assert last(eight, "state") == "idle"


def test_where_the_backup_lacks_too_many_a_person_is_asked_again(eight: Arena) -> None:
    put_back(eight, held_after_a_backup(eight, 9, 10))
    eight.world.crm_do(SOMEBODY_IS_EDITED)
    assert eight.world.answer(approves=True)
    assert eight.run("changes")
    assert last(eight, "state") == "held"
    assert asked(eight) == ["void", "open"]
    assert {PEOPLE[9], PEOPLE[10]} <= subscribed(eight)
    assert eight.run("changes")
    assert (last(eight, "mode"), last(eight, "state"), last(eight, "planned")) == ("compare", "held", 0)
    assert eight.world.answer(approves=True)
    assert eight.run("changes")
    assert subscribed(eight) == ALL


def test_a_run_between_the_backup_and_the_answer_asks_anew_of_the_crm_there_now(eight: Arena) -> None:
    put_back(eight, held_after_a_backup(eight, 9, 10))
    assert eight.run("changes")
    assert (last(eight, "state"), asked(eight)) == ("held", ["renewed", "open"])
    assert eight.world.answer(approves=True)
    assert eight.run("changes")
    assert subscribed(eight) == ALL
    assert asked(eight) == ["renewed", "used"]


@pytest.mark.parametrize("approves", [True, False])
def test_do_not_contact_that_was_sent_while_a_plan_was_held_is_undone_with_the_backup_that_lacks_it(
    eight: Arena, approves: bool
) -> None:
    eight.world.crm_do(THREE_LEAVE)
    assert eight.run("changes")
    image = images.of_crm(eight.association.dsn)
    eight.world.crm_do(ONE_REFUSES_MAIL)
    assert eight.run("changes")
    assert person(eight, PEOPLE[8])["is_unsubscribed"]
    assert last(eight, "state") == "held"
    put_back(eight, image)
    for _ in range(2):
        eight.world.answer(approves=approves)
        assert eight.run("changes")
    eight.settle()
    assert subscribed(eight) == ALL - {PEOPLE[3], PEOPLE[4], PEOPLE[5]}


def test_do_not_contact_goes_on_in_the_crm_that_was_put_back(eight: Arena) -> None:
    put_back(eight, held_after_a_backup(eight, 9, 10))
    eight.world.crm_do(ONE_REFUSES_MAIL)
    assert eight.run("changes")
    assert last(eight, "state") == "held"
    assert person(eight, PEOPLE[8])["is_unsubscribed"]


def test_a_full_run_by_hand_does_not_pass_on_what_was_approved_of_the_crm_before(eight: Arena) -> None:
    image = held_after_a_backup(eight, 9, 10)
    assert eight.world.answer(approves=True)
    put_back(eight, image)
    assert eight.run("full")
    assert (last(eight, "state"), asked(eight)) == ("held", ["void", "open"])
    assert {PEOPLE[9], PEOPLE[10]} <= subscribed(eight)


def test_an_approval_for_one_account_lets_nothing_pass_in_another(eight: Arena) -> None:
    eight.world.crm_do(THREE_LEAVE)
    assert eight.run("changes")
    assert eight.world.answer(approves=True)
    assert eight.world.query("update crm_sync.question set account = 'another' returning 1")
    assert eight.run("changes")
    assert (last(eight, "state"), asked(eight)) == ("held", ["void", "open"])
    assert subscribed(eight) == ALL


@pytest.mark.parametrize(("mode", "before"), [("changes", "record"), ("compare", "record"), ("backfill", "")])
def test_what_a_run_sent_of_a_crm_that_was_put_back_is_undone_though_the_cursor_stayed(
    eight: Arena, mode: str, before: str
) -> None:
    image = images.of_crm(eight.association.dsn)
    eight.world.crm_do(SOMEBODY_IS_EDITED)
    if before:
        assert eight.play(stages_before(before), eight.begin(mode))
    else:
        assert eight.run(mode)
    assert person(eight, ADDRESS)["names"][0] == "Anna"
    put_back(eight, image)
    assert eight.run("changes")
    assert person(eight, ADDRESS)["names"][0] == "Ann"
    assert last(eight, "notice") == change_log.OLDER
    assert eight.run("changes")
    assert last(eight, "mode") == "changes"


def test_a_comparison_of_an_earlier_image_that_failed_is_made_again(eight: Arena) -> None:
    image = images.of_crm(eight.association.dsn)
    eight.world.crm_do(SOMEBODY_IS_EDITED)
    assert eight.run("changes")
    put_back(eight, image)
    assert eight.play(stages_before("load"), eight.begin("changes"))
    assert eight.run("changes")
    assert (last(eight, "mode"), person(eight, ADDRESS)["names"][0]) == ("compare", "Ann")
