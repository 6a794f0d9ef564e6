"""Histories that were once found to end badly, or that random ones seldom reach, told step by step."""

from __future__ import annotations

import psycopg
import pytest

from convergence.arena import PATIENT, Arena
from convergence.stages import stages_before, stages_from
from convergence.two_people import ADDRESS, OTHER_ADDRESS, TRADE_NAMES, lose_the_answers, person

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LOST = {
    "joins": (
        "insert into crm.list_member (list_id, contact_id) values (2, 1)",
        "delete from crm.list_member where list_id = 2 and contact_id = 1",
    ),
    "leaves for good": (
        "delete from crm.list_member where contact_id = 1",
        "insert into crm.list_member (list_id, contact_id) values (1, 1)",
    ),
    "is called otherwise": (
        "update crm.contact set first_name = 'Anna' where contact_id = 1",
        "update crm.contact set first_name = 'Ann' where contact_id = 1",
    ),
    "is spelled otherwise": (
        "update crm.email_address set address = 'ANN@example.org' where contact_id = 1",
        "update crm.email_address set address = 'ann@example.org' where contact_id = 1",
    ),
    "refuses mail": (
        "update crm.contact set do_not_contact = true where contact_id = 1",
        "update crm.contact set do_not_contact = false where contact_id = 1",
    ),
    "moves": (
        "update crm.email_address set address = 'ann.new@example.org' where contact_id = 1",
        "update crm.email_address set address = 'ann@example.org' where contact_id = 1",
    ),
    "the list is renamed": (
        "update crm.list set name = 'Letters' where list_id = 1",
        "update crm.list set name = 'News' where list_id = 1",
    ),
    "two lists trade names": (TRADE_NAMES, TRADE_NAMES),
}


@pytest.mark.parametrize("what", LOST)
def test_a_change_whose_answer_was_lost_can_be_taken_back(played: Arena, what: str) -> None:
    change, taken_back = LOST[what]
    lose_the_answers(played, change)
    played.world.crm_do(taken_back)
    played.settle()


@pytest.mark.parametrize("kill_at", range(1, 12))
def test_a_load_killed_at_any_moment_can_be_taken_back(played: Arena, kill_at: int) -> None:
    played.world.crm_do("update crm.list_member set list_id = 2 where contact_id = 1")
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    died = played.killable.play(played.world, ["load"], airflow_run_id, kill_at)
    assert not died["error"]
    assert died["killed"] or kill_at > 6
    played.world.crm_do("update crm.list_member set list_id = 1 where contact_id = 1")
    played.settle()


def test_a_list_takes_the_name_of_one_whose_new_name_is_too_long(played: Arena) -> None:
    played.world.crm_do("update crm.list set name = repeat('L', 101) where list_id = 1")
    played.settle()
    played.world.crm_do("update crm.list set name = 'News' where list_id = 2")
    played.settle()
    assert person(played, OTHER_ADDRESS)["lists"] == {"News"}


def test_a_moved_address_keeps_the_identity(played: Arena) -> None:
    before = person(played, ADDRESS)["identity"]
    played.world.crm_do("update crm.email_address set address = 'ann.new@example.org' where contact_id = 1")
    played.settle()
    assert person(played, "ann.new@example.org")["identity"] == before


def test_do_not_contact_acts_on_somebody_whose_data_was_set_aside(played: Arena) -> None:
    played.world.crm_do("update crm.email_address set address = 'nobody' where contact_id = 1")
    played.settle()
    assert person(played, ADDRESS)["is_subscribed"]
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 1")
    played.settle()
    assert person(played, ADDRESS)["is_unsubscribed"]


def test_a_transaction_that_commits_late_is_not_lost(played: Arena) -> None:
    with psycopg.connect(played.association.dsn) as late:
        late.execute("update crm.contact set first_name = 'Late' where contact_id = 1")
        played.world.crm_do("update crm.contact set first_name = 'Early' where contact_id = 2")
        played.settle()
        late.commit()
    played.settle()
    assert person(played, ADDRESS)["names"][0] == "Late"


@pytest.mark.parametrize("how", ["leave", "staff_leave", "bounce"])
def test_an_opt_out_stands_even_where_the_crm_forgets_it(played: Arena, how: str) -> None:
    if how not in played.provider.BY_HAND:
        assert how == "bounce", "a person can leave everywhere"
        return
    played.standin.act(played.provider.BY_HAND[how], address=ADDRESS)
    played.settle()
    played.world.crm_do("update crm.list_member set do_not_contact = false")
    played.world.crm_do("update crm.contact set first_name = 'Anna' where contact_id = 1")
    verdict = played.settle()
    assert ADDRESS in verdict.explained
    played.assert_opt_outs_stand()


def test_who_shared_an_address_with_somebody_who_refuses_mail_comes_back_when_that_one_moves(played: Arena) -> None:
    played.world.crm_do("insert into crm.contact (contact_id, do_not_contact) values (3, true)")
    played.world.crm_do(
        "insert into crm.email_address (contact_id, address, is_primary) values (3, 'cleo@example.org', true)"
    )
    played.world.crm_do("insert into crm.contact (contact_id, first_name) values (4, 'Cleo')")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (1, 4)")
    played.world.crm_do(
        "insert into crm.email_address (contact_id, address, is_primary) values (4, 'Cleo@example.org', true)"
    )
    played.settle()
    played.world.crm_do("update crm.email_address set address = 'other@example.org' where contact_id = 3")
    assert played.run("changes")
    assert person(played, "cleo@example.org")["is_subscribed"]


def test_a_run_planned_twice_leaves_nobody_deferred(played: Arena) -> None:
    played.world.crm_do("update crm.list set sync_enabled = false where list_id = 2")
    assert played.play([*stages_before("load"), *stages_from("plan")], played.begin("changes"))
    there = person(played, OTHER_ADDRESS)
    assert not there["is_subscribed"]
    assert not there["is_unsubscribed"]
    played.settle()


def test_calls_at_once_converge_too(played: Arena) -> None:
    played.world.facts = {**PATIENT, "concurrency": 8}
    played.world.crm_do(
        "insert into crm.contact (contact_id, first_name) select n, 'P' || n from generate_series(10, 60) as n"
    )
    played.world.crm_do(
        "insert into crm.email_address (contact_id, address, is_primary)"
        " select n, 'p' || n || '@example.org', true from generate_series(10, 60) as n"
    )
    played.world.crm_do(
        "insert into crm.list_member (list_id, contact_id) select 1 + n % 2, n from generate_series(10, 60) as n"
    )
    assert played.run("changes")
    assert not (findings := played.judge().findings), findings


def test_what_one_run_did_the_next_one_knows_without_reading_back(played: Arena) -> None:
    for change in (
        "insert into crm.list_member (list_id, contact_id) values (2, 1)",
        "delete from crm.list_member where list_id = 2 and contact_id = 1",
        "delete from crm.list_member where contact_id = 1",
        "insert into crm.list_member (list_id, contact_id) values (2, 1)",
        "update crm.contact set do_not_contact = true where contact_id = 1",
        "update crm.contact set do_not_contact = false where contact_id = 1",
        "update crm.list set sync_enabled = false where list_id = 2",
        "update crm.list set sync_enabled = true where list_id = 2",
    ):
        played.world.crm_do(change)
        assert played.run("changes")
        assert not (findings := played.judge().findings), (change, findings)


def test_a_refused_person_whose_time_comes_between_plan_and_record_is_tried_by_the_next_run(played: Arena) -> None:
    played.world.crm_do("update crm.email_address set address = 'someone@fake.example.org' where contact_id = 1")
    assert played.run("changes")
    played.world.crm_do("update crm.contact set job_title = 'Chair' where contact_id = 1")
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    assert not tries_of(played, "someone@fake.example.org"), "the day is not over yet"
    with psycopg.connect(played.world.state_dsn) as state:
        state.execute("update crm_sync.holding set retry_at = now() where reason is not null")
    assert played.play(stages_from("load"), airflow_run_id)
    assert played.run("changes")
    assert tries_of(played, "someone@fake.example.org") == [("refused",)]


def tries_of(arena: Arena, subscriber_key: str) -> list[tuple[str]]:
    """The outcomes of what the newest run asked for somebody, without the lists."""
    return arena.world.query(
        "select status from crm_sync.operation where subscriber_key = %s and list_id is null"
        " and run_id = (select max(run_id) from crm_sync.run)",
        subscriber_key,
    )
