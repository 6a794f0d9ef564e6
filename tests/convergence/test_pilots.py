"""While a pilot is on, only its people are touched at the provider. A row says so of everybody else, and nobody is
removed by it; opt-outs and Do Not Contact are heeded of everybody."""

from __future__ import annotations

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.two_people import (
    ADDRESS,
    OTHER_ADDRESS,
    do_by_hand,
    names_held,
    person,
    subscribed,
    writes,
)
from crm_sync.pipeline.pilot import OUTSIDE_PILOT
from crm_sync.settings import Pilot

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

EVERYBODY_IS_CALLED_OTHERWISE = "update crm.contact set first_name = first_name || 'y'"
NEW = """
    insert into crm.contact (contact_id, first_name) values (%(id)s, 'P%(id)s');
    insert into crm.email_address (contact_id, address, is_primary) values (%(id)s, 'p%(id)s@%(at)s', true);
    insert into crm.membership (contact_id, membership_type_id, status, started_on)
        values (%(id)s, 1, 'active', '2026-01-01');
    insert into crm.list_member (list_id, contact_id) values (%(list)s, %(id)s)
"""


def add(arena: Arena, contact_id: int, at: str, list_id: int = 1) -> None:
    arena.world.crm_do(NEW % {"id": contact_id, "at": at, "list": list_id})


def outside(arena: Arena) -> set[int]:
    """Of whom a row says that the pilot holds them back."""
    asked = "select contact_id, reason from crm_sync.exceptions where provider = %s"
    rows = arena.world.query(asked, arena.world.provider)
    assert {reason for _, reason in rows} <= {OUTSIDE_PILOT}
    return {contact_id for contact_id, _ in rows}


@everywhere
def test_a_pilot_of_a_domain_sends_its_people_and_removes_nobody(played: Arena) -> None:
    played.set_own(pilot=Pilot(domains=("Pilot.example.org",)))
    played.standin.clear_requests()
    assert played.run("changes")
    assert writes(played) == {}
    played.world.crm_do(EVERYBODY_IS_CALLED_OTHERWISE)
    add(played, 3, "pilot.example.org")
    add(played, 4, "example.org")
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob", "P3"}
    assert outside(played) == {1, 2, 4}
    played.set_own(pilot=Pilot())
    assert played.run("changes")
    assert names_held(played) == {"Anny", "Boby", "P3", "P4"}
    assert outside(played) == set()


@everywhere
def test_a_pilot_of_so_many_people_lets_in_no_more(played: Arena) -> None:
    played.set_own(pilot=Pilot(people=3))
    for contact_id in (3, 4, 5):
        add(played, contact_id, "example.org")
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob", "P3"}
    assert outside(played) == {4, 5}
    played.world.crm_do(EVERYBODY_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert names_held(played) == {"Anny", "Boby", "P3y"}
    assert played.run("compare")
    assert played.run("full")
    assert names_held(played) == {"Anny", "Boby", "P3y"}
    assert outside(played) == {4, 5}


def test_a_pilot_of_a_list_leaves_the_other_lists_alone(played: Arena) -> None:
    played.set_own(pilot=Pilot(lists=("News",)))
    add(played, 3, "example.org", 2)
    add(played, 4, "example.org", 1)
    played.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (9, 'Later', true)")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (9, 1), (9, 2)")
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob", "P4"}
    assert person(played, ADDRESS)["lists"] == {"News"}
    assert person(played, OTHER_ADDRESS)["lists"] == {"Board"}
    assert outside(played) == {2, 3}
    played.set_own(pilot=Pilot())
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob", "P3", "P4"}
    assert person(played, ADDRESS)["lists"] == {"News", "Later"}
    assert outside(played) == set()


def test_whoever_leaves_the_list_of_a_pilot_leaves_it_there_too(played: Arena) -> None:
    played.set_own(pilot=Pilot(lists=("News",)))
    assert played.run("changes")
    played.world.crm_do("delete from crm.list_member where contact_id = 1")
    assert played.run("changes")
    assert names_held(played) == {"Bob"}


def test_whoever_is_outside_a_pilot_leaves_nothing_and_opts_out_all_the_same(played: Arena) -> None:
    add(played, 3, "example.org")
    assert played.run("changes")
    played.set_own(pilot=Pilot(domains=("nowhere.example.org",)))
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 3")
    played.world.crm_do("delete from crm.list_member where contact_id = 2")
    do_by_hand(played, "leave", ADDRESS)
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert played.world.crm_do("select do_not_contact from crm.list_member where contact_id = 1") == [(True,)]


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_first_run_in_a_real_account_touches_nobody_but_the_pilot(played: Arena) -> None:
    """The account has our lists already, with people whom the CRM does not have there."""
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (1, 2)")
    assert played.run("changes")
    with psycopg.connect(played.world.state_dsn) as state:
        state.execute("truncate crm_sync.holding, crm_sync.list_holding, crm_sync.cursor")
    played.world.crm_do("delete from crm.list_member where contact_id = 2")
    add(played, 3, "example.org")
    played.set_own(pilot=Pilot(people=1))
    assert played.run("full")
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert person(played, OTHER_ADDRESS)["lists"] == {"News", "Board"}
    played.set_own(pilot=Pilot())
    assert played.run("full")
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS, "p3@example.org"}
    assert person(played, OTHER_ADDRESS)["lists"] == {"Board"}
