"""What the change log cannot tell, and what it tells of two transactions that overlap, arrives all the same."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.two_people import (
    ADDRESS,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    add_person,
    names_held,
    person,
    subscribed,
)
from crm_sync.pipeline import change_log
from local.crm_data import create_schema

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LEVELS = [psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ]


def overlap(arena: Arena, level: psycopg.IsolationLevel, first: str, second: str) -> None:
    """``first`` stays open while ``second`` is committed and a run passes; then it is committed, and a run passes."""
    with psycopg.connect(arena.association.dsn) as late:
        late.isolation_level = level
        late.execute("select count(*) from crm.contact")
        late.execute(first.encode())
        arena.world.crm_do(second)
        assert arena.run("changes")
        late.commit()
    assert arena.run("changes")


@pytest.mark.parametrize("level", LEVELS)
def test_a_list_is_switched_on_while_somebody_joins_it(played: Arena, level: psycopg.IsolationLevel) -> None:
    played.world.crm_do("insert into crm.list (list_id, name) values (3, 'Jobs')")
    on = "update crm.list set sync_enabled = true where list_id = 3"
    overlap(played, level, on, "insert into crm.list_member (list_id, contact_id) values (3, 1)")
    assert person(played, ADDRESS)["lists"] == {"News", "Jobs"}
    played.settle()


@pytest.mark.parametrize("level", LEVELS)
def test_an_address_is_given_up_by_who_refuses_mail_while_another_takes_it(
    played: Arena, level: psycopg.IsolationLevel
) -> None:
    with psycopg.connect(played.association.dsn) as connection:
        for number, address in ((5, "shared@example.org"), (6, "six@example.org")):
            add_person(connection, number, "Eve", address, list_id=1)
        connection.execute("update crm.contact set do_not_contact = true where contact_id = 5")
    give_up = "update crm.email_address set address = 'else@example.org' where contact_id = 5"
    overlap(played, level, give_up, "update crm.email_address set address = 'shared@example.org' where contact_id = 6")
    assert "shared@example.org" in subscribed(played)
    played.settle()


# What is done to the CRM beside its change log, and what is undone again before the next run.
SILENCES = {
    "a session that plays the replica": ("set session_replication_role = replica; {}", ""),
    "a trigger disabled": ("alter table crm.contact disable trigger log_update; {}", ""),
    "a trigger disabled and enabled again": (
        "alter table crm.contact disable trigger log_update; {}; alter table crm.contact enable trigger log_update",
        "",
    ),
    "a trigger disabled and enabled always again": (
        "alter table crm.contact disable trigger log_update; {};"
        " alter table crm.contact enable always trigger log_update",
        "",
    ),
    "all triggers disabled": ("alter table crm.contact disable trigger all; {}", ""),
    "a trigger dropped": ("drop trigger log_update on crm.contact; {}", ""),
    "a trigger dropped and installed again": ("drop trigger log_update on crm.contact; {}", "reinstall"),
    "the log emptied": ("{}; truncate crm.change_log", ""),
}
# Nothing tells of these: the comparison that comes once a day finds them.
UNTOLD = ["the log emptied"]


@pytest.fixture
def mended(played: Arena) -> Any:
    """The arena; its change log is whole again afterwards."""
    yield played
    reinstall(played)


def reinstall(arena: Arena) -> None:
    with psycopg.connect(arena.association.dsn) as connection:
        create_schema(connection)


def silently(arena: Arena, how: str, change: str) -> None:
    """A change that the log does not tell of."""
    harm, then = SILENCES[how]
    arena.world.crm_do(harm.format(change))
    if then == "reinstall":
        reinstall(arena)


@pytest.mark.parametrize("how", [each for each in SILENCES if each not in UNTOLD])
def test_a_silenced_log_is_noticed(mended: Arena, how: str) -> None:
    silently(mended, how, ANN_REFUSES_MAIL)
    assert mended.run("changes")
    assert ADDRESS not in subscribed(mended)
    reinstall(mended)
    mended.settle()


@everywhere
def test_a_comparison_finds_what_nothing_told_of(mended: Arena) -> None:
    silently(mended, "the log emptied", ANN_LEAVES)
    silently(mended, "the log emptied", BOB_IS_CALLED_OTHERWISE)
    assert mended.run("changes")
    assert names_held(mended) == {"Ann", "Bob"}, "the log must not tell of it, or this test shows nothing"
    assert mended.run("compare")
    assert names_held(mended) == {"Bobby"}
    mended.settle()


def test_a_run_that_compares_says_why_and_the_next_one_need_not(mended: Arena) -> None:
    silently(mended, "a trigger disabled", ANN_REFUSES_MAIL)
    assert mended.run("changes")
    assert mode_and_notice(mended)[0] == "compare"
    assert "contact.log_update" in mode_and_notice(mended)[1]
    reinstall(mended)
    mended.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert mended.run("changes")
    assert mode_and_notice(mended)[0] == "compare"
    mended.world.crm_do(ANN_LEAVES)
    assert mended.run("changes")
    assert mode_and_notice(mended) == ("changes", "")
    assert names_held(mended) == {"Bobby"}


def test_a_truncated_table_is_compared(mended: Arena) -> None:
    mended.world.crm_do("truncate crm.list_member")
    assert mended.run("changes")
    assert mode_and_notice(mended)[0] == "compare"
    assert names_held(mended) == set()
    mended.settle()


@everywhere
def test_what_may_have_changed_altogether_is_compared_with_the_ledger_alone(mended: Arena) -> None:
    mended.world.crm_do("insert into crm.change_log (cause) values ('everything'); " + BOB_IS_CALLED_OTHERWISE)
    mended.standin.clear_requests()
    assert mended.run("changes")
    assert mode_and_notice(mended) == ("compare", change_log.EVERYTHING)
    assert names_held(mended) == {"Ann", "Bobby"}
    newest = "(select max(run_id) from crm_sync.run)"
    planned = f"select count(*) from crm_sync.operation where subscriber_key is not null and run_id = {newest}"
    assert mended.world.query(planned) == [(1,)]
    mended.settle()


def mode_and_notice(arena: Arena) -> tuple[str, str]:
    newest = "select mode, coalesce(notice, '') from crm_sync.run where provider = %s order by run_id desc limit 1"
    mode, notice = arena.world.query(newest, arena.world.provider)[0]
    return mode, notice
