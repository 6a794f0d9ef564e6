"""A run that compares reads those contacts who are not as they were last read, whatever the change log says, and
nobody else."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.stages import stages_before
from convergence.two_people import (
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    add_person,
    person,
)
from crm_sync.pipeline import extract

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

UNLOGGED = "set session_replication_role = replica; {}; delete from crm.change_log"


def compared(arena: Arena) -> int:
    """How many contacts a run that compares has read."""
    contacts = arena.world.run("compare")["extract"]["contacts"]
    assert arena.world.query("select mode, state from crm_sync.run order by run_id desc limit 1") == [
        ("compare", "recorded")
    ]
    return contacts


@everywhere
def test_nobody_is_read_where_nothing_changed(played: Arena) -> None:
    assert compared(played) == 0
    assert compared(played) == 0


@everywhere
@pytest.mark.parametrize("change", [BOB_IS_CALLED_OTHERWISE, ANN_REFUSES_MAIL, ANN_LEAVES])
def test_only_who_changed_is_read_once(played: Arena, change: str) -> None:
    with psycopg.connect(played.association.dsn) as connection:
        connection.execute(UNLOGGED.format(change).encode())
    assert compared(played) >= 1
    # Who is in no list any more is looked at once again, when the provider holds them no longer.
    assert compared(played) <= 1
    assert compared(played) == 0
    played.settle()


@everywhere
def test_whoever_a_run_of_changes_has_read_is_known(played: Arena) -> None:
    with psycopg.connect(played.association.dsn) as connection:
        add_person(connection, 5, "Eve", "eve@example.org", list_id=1)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    # Ann is in no list, so that not even a full run reads her: the first comparison finds that out.
    assert compared(played) <= 1
    assert compared(played) == 0
    played.settle()


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_other_rules_mean_that_everybody_is_read(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = len(played.truth().wishes)
    settings = replace(played.world.settings, do_not_contact_scope="list")
    monkeypatch.setattr(played.world, "settings", settings)
    assert compared(played) >= everybody > 0
    assert compared(played) == 0


@everywhere
def test_too_many_to_be_read_by_id_are_read_by_one_statement(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MOST_READ_ONE_BY_ONE", 0)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    with psycopg.connect(played.association.dsn) as connection:
        connection.execute(b"delete from crm.change_log")
    compared(played)
    assert played.world.query("select everyone from crm_sync.run order by run_id desc limit 1") == [(True,)]
    monkeypatch.undo()
    assert compared(played) == 0
    played.settle()


@everywhere
def test_where_the_ledger_learned_more_than_was_decided_about_everybody_is_read(played: Arena) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    played.world.begin("changes")
    run_id = played.world.last_run_id()
    for stage in stages_before("record"):
        played.world.stage(stage, run_id)
    with psycopg.connect(played.association.dsn) as connection:
        connection.execute(UNLOGGED.format(BOB_IS_CALLED_OTHERWISE.replace("Bobby", "Bob")).encode())
    assert compared(played) > 0
    assert compared(played) == 0
    played.settle()


@pytest.mark.parametrize("arena", ["constant_contact", "mailchimp"], indirect=True)
def test_whoever_shared_an_address_that_another_gives_up_is_decided_about(played: Arena) -> None:
    with psycopg.connect(played.association.dsn) as connection:
        for number in (3, 4):
            add_person(connection, number, "Both", "both@example.org", list_id=number - 2)
    assert played.run("changes")
    assert person(played, "both@example.org")["lists"] == {"News", "Board"}
    gives_up = "update crm.email_address set address = 'four@example.org' where contact_id = 4"
    with psycopg.connect(played.association.dsn) as connection:
        connection.execute(UNLOGGED.format(gives_up).encode())
    compared(played)
    assert person(played, "both@example.org")["lists"] == {"News"}
    assert person(played, "four@example.org")["lists"] == {"Board"}
    played.settle()
