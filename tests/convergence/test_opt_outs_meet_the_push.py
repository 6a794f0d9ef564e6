"""An opt-out made between the poll and the push, or while it goes on: heard in the same run, kept, told to the CRM."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.byhand import SECONDS_PER_DEED
from convergence.stages import stages_before, stages_from
from convergence.two_people import ADDRESS, OTHER_ADDRESS, add_person, do_by_hand, person

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NEW_ADDRESS = "ann.new@example.org"
# What the CRM has done meanwhile, after which Ann would be sent that verb. She stays in list 2, but for the archive.
VERBS = {
    "archive": "delete from crm.list_member where contact_id = 1 and list_id in (1, 2)",
    "suppress": "update crm.contact set do_not_contact = true where contact_id = 1",
    "change_address": f"update crm.email_address set address = '{NEW_ADDRESS}' where contact_id = 1",
    "update": "update crm.contact set first_name = 'Anna' where contact_id = 1",
    "remove_from_list": "delete from crm.list_member where contact_id = 1 and list_id = 1",
    "add_to_list": "insert into crm.list_member (list_id, contact_id) values (3, 1)",
}
ENABLE = {
    "archived": (VERBS["archive"], "insert into crm.list_member (list_id, contact_id) values (1, 1)"),
}


@pytest.fixture
def settled(played: Arena) -> Arena:
    """Ann is in lists 1 and 2, and there is a third."""
    played.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (3, 'Jobs', true)")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1), (3, 2)")
    assert played.run("changes")
    return played


def flags(arena: Arena) -> list[tuple[Any, ...]]:
    return arena.world.crm_do("select list_id, do_not_contact from crm.list_member where contact_id = 1 order by 1")


def opt_outs_known(arena: Arena) -> set[str]:
    rows = arena.world.query(
        "select subscriber_key from crm_sync.opt_out where lifted_at is null and provider = %s", arena.world.provider
    )
    return {subscriber_key for (subscriber_key,) in rows}


def asked_of_ann(arena: Arena) -> set[tuple[str, str, str | None]]:
    rows = arena.world.query(
        "select verb, status, reason from crm_sync.operation where contact_id = 1 and provider = %s"
        " and run_id = (select max(run_id) from crm_sync.run)",
        arena.world.provider,
    )
    return {(verb, status, reason) for verb, status, reason in rows}


@pytest.mark.parametrize("how", ["leave", "staff_leave"])
@pytest.mark.parametrize("verb", VERBS)
def test_whoever_leaves_between_poll_and_push_is_heard_in_that_run(settled: Arena, verb: str, how: str) -> None:
    settled.world.crm_do(VERBS[verb])
    airflow_run_id = settled.begin("changes")
    assert settled.play(stages_before("load"), airflow_run_id)
    do_by_hand(settled, how, ADDRESS)
    assert settled.play(stages_from("load"), airflow_run_id)
    assert ADDRESS in opt_outs_known(settled)
    assert all(is_set for _, is_set in flags(settled)), "Do Not Contact is set in the same run"
    told = {row for row in asked_of_ann(settled) if row[0] != "remove_from_list"}
    assert told <= {(verb, "refused", "opted_out")}, told
    assert bool(told) == (verb != "remove_from_list")
    assert person(settled, ADDRESS)["is_unsubscribed"]
    settled.world.crm_do("update crm.contact set do_not_contact = false where contact_id = 1")
    settled.settle()
    assert person(settled, ADDRESS)["is_unsubscribed"]
    settled.assert_opt_outs_stand()


@pytest.mark.parametrize("how", ["leave", "staff_leave"])
def test_whoever_leaves_before_they_are_enabled_again_stays_out(settled: Arena, how: str) -> None:
    if settled.provider.LEAVING_TAKES_ALL_LISTS:
        return  # whoever is deleted there is found by nobody who would unsubscribe them
    before, after = ENABLE["archived"]
    settled.world.crm_do(before)
    assert settled.run("changes")
    settled.world.crm_do(after)
    airflow_run_id = settled.begin("changes")
    assert settled.play(stages_before("load"), airflow_run_id)
    do_by_hand(settled, how, ADDRESS)
    assert settled.play(stages_from("load"), airflow_run_id)
    assert ADDRESS in opt_outs_known(settled)
    assert flags(settled) == [(1, True)]
    settled.settle()
    settled.assert_opt_outs_stand()


def leaves_while_bob_is_sent(arena: Arena, how: str) -> None:
    """Ann leaves just after the first call of a load; by its end that is known."""
    arena.world.crm_do("update crm.contact set first_name = 'Bobby' where contact_id = 2")
    airflow_run_id = arena.begin("changes")
    assert arena.play(stages_before("load"), airflow_run_id)
    arena.standin.clock(advance_seconds=SECONDS_PER_DEED)
    action = {"action": arena.provider.BY_HAND[how], "address": ADDRESS}
    arena.standin.fault("act_after", method="POST", times=1, action=action)
    assert arena.play(stages_from("load"), airflow_run_id)
    assert ADDRESS in opt_outs_known(arena)


@pytest.mark.parametrize("how", ["leave", "staff_leave"])
def test_whoever_leaves_while_others_are_sent_is_heard_in_that_run(settled: Arena, how: str) -> None:
    leaves_while_bob_is_sent(settled, how)
    assert flags(settled) == [(1, True), (2, True)]
    settled.settle()
    settled.assert_opt_outs_stand()


@pytest.mark.parametrize("how", ["leave", "staff_leave"])
def test_whoever_leaves_in_the_midst_of_a_load_is_not_archived_by_it(settled: Arena, how: str) -> None:
    settled.world.crm_do(VERBS["archive"])
    leaves_while_bob_is_sent(settled, how)
    assert person(settled, ADDRESS)["is_unsubscribed"]
    settled.settle()
    settled.assert_opt_outs_stand()


LONG = {
    "archive": "delete from crm.list_member where contact_id >= 10",
    "suppress": "update crm.contact set do_not_contact = true where contact_id >= 10",
    "change_address": "update crm.email_address set address = 'new.' || address where contact_id >= 10",
}


@pytest.mark.parametrize("how", ["leave", "staff_leave"])
@pytest.mark.parametrize("verb", LONG)
def test_whoever_leaves_in_the_midst_of_a_long_phase_is_heard_before_their_turn(
    settled: Arena, verb: str, how: str
) -> None:
    with psycopg.connect(settled.association.dsn) as connection:
        for number in range(10, 17):
            add_person(connection, number, f"P{number}", f"person{number}@example.org", list_id=1)
    assert settled.run("changes")
    settled.world.crm_do(LONG[verb])
    airflow_run_id = settled.begin("changes")
    assert settled.play(stages_before("load"), airflow_run_id)
    last = "select contact_id from crm_sync.operation where verb = %s and status = 'pending' order by operation_id desc"
    unlucky = settled.world.query(last, verb)[0][0]
    address = f"person{unlucky}@example.org"
    settled.standin.clock(advance_seconds=SECONDS_PER_DEED)
    action = {"action": settled.provider.BY_HAND[how], "address": address}
    first_call = "^(?!.*status=)"
    for method in ("DELETE", "PATCH", "PUT", "POST"):
        settled.standin.fault("act_after", method=method, path_regex=first_call, times=1, action=action)
    assert settled.play(stages_from("load"), airflow_run_id)
    assert address in opt_outs_known(settled)
    told = settled.world.query(
        "select status, reason from crm_sync.operation where verb = %s and contact_id = %s", verb, unlucky
    )
    assert told == [("refused", "opted_out")]
    assert person(settled, address)["is_unsubscribed"]
    settled.settle()
    settled.assert_opt_outs_stand()


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_run_asks_before_its_plan_and_before_and_after_its_push_and_an_idle_one_once(settled: Arena) -> None:
    settled.standin.clear_requests()
    assert settled.run("changes")
    idle = [bare(each["path"]) for each in settled.standin.requests()["requests"]]
    settled.world.crm_do("update crm.contact set first_name = 'Anna' where contact_id = 1")
    settled.standin.clear_requests()
    assert settled.run("changes")
    paths = [bare(each["path"]) for each in settled.standin.requests()["requests"]]
    (poll,) = [path for path in idle if "/members?" in path]
    assert paths.count(poll) == 3
    assert OTHER_ADDRESS not in opt_outs_known(settled)


def bare(path: str) -> str:
    """A path without the time from which it asks."""
    return re.sub(r"since_last_changed=[^&]*", "", path)
