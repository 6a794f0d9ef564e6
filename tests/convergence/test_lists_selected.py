"""Lists that the settings leave out stay at the provider as they are, with everyone in them; Do Not Contact is heeded
all the same, and a list that is included again is the same list."""

from __future__ import annotations

from typing import Any

import pytest

from convergence.arena import Arena
from convergence.conftest import OF_A_SITE
from convergence.two_people import (
    ADDRESS,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    OTHER_ADDRESS,
    do_by_hand,
    names_held,
    person,
    subscribed,
    writes,
)
from crm_sync.pipeline.begin import OTHER_RULES, unopened
from crm_sync.pipeline.extract import INCLUDED_AGAIN
from crm_sync.settings import Pilot, Selection

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NEW_IN_NEWS = """
    insert into crm.contact (contact_id, first_name) values (3, 'Cid');
    insert into crm.email_address (contact_id, address, is_primary) values (3, 'cid@example.org', true);
    insert into crm.list_member (list_id, contact_id) values (1, 3)
"""

STRANGER = {"address": "cid@example.org"}


def lists_there(arena: Arena) -> set[str]:
    return set(arena.world.context(unopened(arena.world.provider)).client.lists()["name"])


def last_run(arena: Arena) -> tuple[Any, ...]:
    return arena.world.query("select mode, notice, state from crm_sync.run order by run_id desc limit 1")[0]


def test_an_excluded_list_stays_with_everyone_in_it(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=(1,)))
    played.standin.clear_requests()
    assert played.run("changes")
    assert last_run(played)[:2] == ("compare", OTHER_RULES)
    assert writes(played) == {}
    played.world.crm_do(NEW_IN_NEWS)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert played.run("full")
    assert lists_there(played) == {"News", "Board"}
    assert person(played, ADDRESS)["lists"] == {"News"}
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert played.run("changes")
    assert last_run(played)[2] == "idle"


def test_only_what_is_included_is_synchronized(played: Arena) -> None:
    played.world.crm_do(
        "insert into crm.list (list_id, name, kind, sync_enabled) values (7, 'Ethics', 'committee', true)"
    )
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (7, 1), (7, 2)")
    played.set_own(lists=Selection(include=("kind:committee",)))
    assert played.run("changes")
    assert person(played, ADDRESS)["lists"] == {"News", "Ethics"}
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1)")
    played.world.crm_do("delete from crm.list_member where contact_id = 2 and list_id = 7")
    assert played.run("changes")
    assert person(played, ADDRESS)["lists"] == {"News", "Ethics"}
    assert person(played, OTHER_ADDRESS)["lists"] == {"Board"}


def test_a_list_that_is_included_again_is_the_same_list(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do(NEW_IN_NEWS)
    played.world.crm_do("update crm.list set name = 'Newsletter' where list_id = 1")
    played.set_own(lists=Selection(exclude=(1,)))
    assert played.run("changes")
    assert lists_there(played) == {"News", "Board"}
    before = played.world.query("select remote_id from crm_sync.list_holding where list_id = 1")
    played.set_own()
    assert played.run("changes")
    assert lists_there(played) == {"Newsletter", "Board"}
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS, "cid@example.org"}
    assert played.world.query("select remote_id from crm_sync.list_holding where list_id = 1") == before


@pytest.mark.parametrize("end", ["update crm.list set sync_enabled = false where list_id = 1", "delete"])
def test_an_excluded_list_that_ends_in_the_crm_stays(played: Arena, end: str) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do(
        "delete from crm.list_member where list_id = 1; delete from crm.list where list_id = 1"
        if end == "delete"
        else end
    )
    assert played.run("changes")
    assert played.run("full")
    assert lists_there(played) == {"News", "Board"}
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert "do not synchronize" in str(last_run(played)[1]) or "does not synchronize" in str(last_run(played)[1])


def test_excluded_lists_are_deleted_where_that_is_said(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.set_own(lists=Selection(exclude=("News",), delete_excluded=True))
    assert played.run("changes")
    assert lists_there(played) == {"Board"}
    assert subscribed(played) == {OTHER_ADDRESS}
    assert played.run("changes")
    assert last_run(played)[2] == "idle"


def test_do_not_contact_reaches_people_of_an_excluded_list(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}


def test_an_opt_out_from_an_excluded_list_is_heard(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    do_by_hand(played, "leave", ADDRESS)
    assert played.run("changes")
    assert played.world.crm_do("select do_not_contact from crm.list_member where contact_id = 1") == [(True,)]


@pytest.mark.parametrize("arena", OF_A_SITE, indirect=True)
def test_a_community_that_is_excluded_keeps_its_people(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    played.world.crm_do("update crm.contact set first_name = 'Anna' where contact_id = 1")
    assert played.run("changes")
    state = played.standin.state()
    ann = next(each for each in played.provider.members(state).values() if each["names"][0] == "Anna")
    assert ann["is_held"]
    assert played.world.query("select lists from crm_sync.holding where contact_id = 1") == [([1],)]


def test_strangers_of_a_list_that_was_always_excluded_stay(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    played.standin.act("create_member" if played.world.provider == "mailchimp" else "create_contact", **STRANGER)
    played.world.crm_do(NEW_IN_NEWS)
    for mode in ("full", "changes", "full"):
        assert played.run(mode)
        assert "cid@example.org" in subscribed(played)


def test_a_pilot_deletes_no_list_that_the_settings_do_not_exclude(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("Board",), delete_excluded=True))
    assert played.run("changes")
    assert lists_there(played) == {"News"}
    played.set_own(lists=Selection(exclude=("Board",), delete_excluded=True), pilot=Pilot(lists=(7,)))
    for mode in ("changes", "full"):
        assert played.run(mode)
        assert lists_there(played) == {"News"}
        assert ADDRESS in subscribed(played)


def test_people_who_left_an_excluded_list_leave_it_when_it_is_included_again(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do("delete from crm.contact where contact_id = 1")
    assert played.run("changes")
    assert played.run("compare")
    assert ADDRESS in subscribed(played)
    played.set_own()
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}


@pytest.mark.parametrize("before", ["nothing", "preview", "backfill"])
@pytest.mark.parametrize("mode", ["changes", "compare"])
def test_people_who_left_an_excluded_list_leave_it_when_its_new_name_is_not_excluded(
    played: Arena, before: str, mode: str
) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do("delete from crm.contact where contact_id = 1")
    assert played.run("changes")
    assert played.run("compare")
    played.world.crm_do("update crm.list set name = 'Newsletter' where list_id = 1")
    if before == "preview":
        assert played.run("changes", dry_run=True)
    elif before == "backfill":
        assert played.run("backfill")
    assert played.run(mode)
    assert INCLUDED_AGAIN in str(last_run(played)[1])
    assert subscribed(played) == {OTHER_ADDRESS}


def test_a_list_that_ends_before_a_run_has_seen_its_exclusion_stays(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    played.world.crm_do("update crm.list set sync_enabled = false where list_id = 1")
    for mode in ("changes", "full"):
        assert played.run(mode)
        assert lists_there(played) == {"News", "Board"}
        assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}


@pytest.mark.parametrize("arena", OF_A_SITE, indirect=True)
def test_who_is_no_longer_a_member_leaves_the_communities_whatever_is_excluded(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do("update crm.membership set status = 'dropped' where contact_id = 1")
    assert played.run("changes")
    assert names_held(played) == {"Bob"}
