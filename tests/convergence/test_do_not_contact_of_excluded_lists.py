"""Do Not Contact on a membership of a list that the settings exclude: for the whole person it counts as on any other
list; for a list alone it concerns that one, which stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, OTHER_ADDRESS, names_held, person, subscribed, writes
from crm_sync.settings import Selection

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANN_IS_IN_BOARD_TOO = "insert into crm.list_member (list_id, contact_id) values (2, 1)"
ANN_REFUSES_NEWS = "update crm.list_member set do_not_contact = true where list_id = 1 and contact_id = 1"
ANN_REFUSES_BOARD = "update crm.list_member set do_not_contact = true where list_id = 2 and contact_id = 1"
CID_REFUSES_NEWS_AT_ONCE = """
    insert into crm.contact (contact_id, first_name) values (3, 'Cid');
    insert into crm.email_address (contact_id, address, is_primary) values (3, 'cid@example.org', true);
    insert into crm.list_member (list_id, contact_id, do_not_contact) values (1, 3, true)
"""
Scope = Literal["contact", "list"]
WAYS_TO_RUN = pytest.mark.parametrize("mode", ["changes", "compare", "full"])


def without_news(arena: Arena, scope: Scope) -> None:
    """News is excluded from now on, with both its people in it, and Ann is in Board, too."""
    arena.world.crm_do(ANN_IS_IN_BOARD_TOO)
    assert arena.run("changes")
    arena.world.settings = replace(arena.world.settings, do_not_contact_scope=scope)
    arena.set_own(lists=Selection(exclude=("News",)))
    assert arena.run("changes")
    assert person(arena, ADDRESS)["lists"] == {"News", "Board"}


@WAYS_TO_RUN
def test_for_the_whole_person_it_ends_all_mail(played: Arena, mode: str) -> None:
    without_news(played, "contact")
    played.world.crm_do(ANN_REFUSES_NEWS)
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert played.run("full")
    assert subscribed(played) == {OTHER_ADDRESS}


@WAYS_TO_RUN
def test_for_that_list_alone_nothing_is_sent(played: Arena, mode: str) -> None:
    without_news(played, "list")
    played.world.crm_do(ANN_REFUSES_NEWS)
    played.standin.clear_requests()
    assert played.run(mode)
    assert writes(played) == {}
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert person(played, ADDRESS)["lists"] == {"News", "Board"}


@WAYS_TO_RUN
def test_on_another_list_it_ends_that_one_alone(played: Arena, mode: str) -> None:
    without_news(played, "list")
    played.world.crm_do(ANN_REFUSES_BOARD)
    assert played.run(mode)
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert person(played, ADDRESS)["lists"] == {"News"}


@WAYS_TO_RUN
def test_whoever_refuses_all_their_lists_gets_no_mail(played: Arena, mode: str) -> None:
    without_news(played, "list")
    played.world.crm_do(f"{ANN_REFUSES_NEWS}; {ANN_REFUSES_BOARD}")
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}


@WAYS_TO_RUN
def test_whoever_refuses_the_excluded_list_and_is_in_no_other_gets_no_mail(played: Arena, mode: str) -> None:
    without_news(played, "list")
    played.world.crm_do(f"delete from crm.list_member where list_id = 2 and contact_id = 1; {ANN_REFUSES_NEWS}")
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}


@WAYS_TO_RUN
def test_whoever_was_never_there_is_not_brought_there_by_it(played: Arena, mode: str) -> None:
    without_news(played, "list")
    played.world.crm_do(CID_REFUSES_NEWS_AT_ONCE)
    played.standin.clear_requests()
    assert played.run(mode)
    assert writes(played) == {}
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 3)")
    assert played.run("changes")
    assert person(played, "cid@example.org")["lists"] == {"Board"}


@WAYS_TO_RUN
@pytest.mark.parametrize(("scope", "names"), [("contact", {"Bob"}), ("list", {"Ann", "Bob"})])
@pytest.mark.parametrize("arena", ["votervoice"], indirect=True)
def test_where_there_are_no_lists_it_counts_for_the_whole_person_alone(
    played: Arena, monkeypatch: pytest.MonkeyPatch, mode: str, scope: Scope, names: set[str]
) -> None:
    monkeypatch.setattr(played.world, "extras", {**played.world.extras, "heeds_do_not_contact": True})
    monkeypatch.setattr(played.world, "settings", replace(played.world.settings, do_not_contact_scope=scope))
    played.set_own(lists=Selection(exclude=("News",)))
    assert played.run("changes")
    played.world.crm_do(ANN_REFUSES_NEWS)
    assert played.run(mode)
    assert names_held(played) == names
