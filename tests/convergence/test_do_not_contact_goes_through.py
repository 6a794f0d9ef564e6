"""Do Not Contact always goes through, in the run that reads it, whatever the state of the person's other data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, ANN_REFUSES_MAIL, OTHER_ADDRESS, do_by_hand, person, subscribed
from crm_sync.errors import ContractError
from crm_sync.model import PHASES

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

_MEMBERSHIP_CALLS = {"mailchimp": "/segments/.", "constant_contact": "/activities/(add|remove)_list"}
_LIST_CALLS = {"mailchimp": "/segments", "constant_contact": "/contact_lists"}
MORE_LISTS = """
    insert into crm.list (list_id, name, sync_enabled) select n, 'More ' || n, true from generate_series(10, 17) as n;
    insert into crm.list_member (list_id, contact_id) select n, 1 from generate_series(10, 17) as n
"""
NAME_CHANGES = "update crm.contact set first_name = 'Annabel' where contact_id = 1"
ADDRESS_CHANGES = "update crm.email_address set address = 'ann.new@example.org' where contact_id = 1"


def fault_in(arena: Arena, kind: str = "status", **how: Any) -> None:
    """What changes something there is answered so; reading is not."""
    for method in ("POST", "PUT", "PATCH"):
        arena.standin.fault(kind, method=method, **how)


def changes_and_meets(arena: Arena, status: int, what: str, change: str) -> None:
    """A change of hers, each call with which is answered so."""
    fault_in(arena, status=status, body_regex=what)
    arena.world.crm_do(change)


def data_refused(arena: Arena) -> None:
    """The provider refuses her new name, and each call that has it."""
    changes_and_meets(arena, 400, "Annabel", NAME_CHANGES)


def record_fails(arena: Arena) -> None:
    """Each call with her new name fails, and is tried again with growing pauses."""
    changes_and_meets(arena, 500, "Annabel", NAME_CHANGES)


def name_set_aside(arena: Arena) -> None:
    arena.world.crm_do("update crm.contact set first_name = repeat('a', 300) where contact_id = 1")


def address_not_valid(arena: Arena) -> None:
    arena.world.crm_do("update crm.email_address set address = 'ann at example.org' where contact_id = 1")


def address_gone(arena: Arena) -> None:
    arena.world.crm_do("delete from crm.email_address where contact_id = 1")


def address_refused(arena: Arena) -> None:
    """Her new address is refused there; she is held under the old one."""
    changes_and_meets(arena, 400, "ann.new@", ADDRESS_CHANGES)


def address_fails(arena: Arena) -> None:
    """No call with her new address is answered; she is held under the old one, and perhaps under the new."""
    changes_and_meets(arena, 500, "ann.new@", ADDRESS_CHANGES)


def lists_refused(arena: Arena) -> None:
    fault_in(arena, status=400, path_regex=_LIST_CALLS[arena.world.provider], body_regex="More")
    arena.world.crm_do(MORE_LISTS)


def lists_fail(arena: Arena) -> None:
    fault_in(arena, status=500, path_regex=_LIST_CALLS[arena.world.provider], body_regex="More")
    arena.world.crm_do(MORE_LISTS)


def list_name_too_long(arena: Arena) -> None:
    arena.world.crm_do(
        "insert into crm.list (list_id, name, sync_enabled) values (10, repeat('n', 300), true);"
        "insert into crm.list_member (list_id, contact_id) values (10, 1)"
    )


def memberships_fail(arena: Arena) -> None:
    """She cannot be put into a list that is there."""
    fault_in(arena, status=500, path_regex=_MEMBERSHIP_CALLS[arena.world.provider])
    arena.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1)")


def leaves_a_list(arena: Arena) -> None:
    arena.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1)")
    assert arena.run("changes")
    fault_in(arena, status=500, path_regex=_MEMBERSHIP_CALLS[arena.world.provider])
    arena.world.crm_do("delete from crm.list_member where contact_id = 1 and list_id = 1")


TROUBLES: list[Callable[[Arena], None]] = [
    *(data_refused, record_fails, name_set_aside, address_not_valid, address_gone, address_refused, address_fails),
    *(lists_refused, lists_fail, list_name_too_long, memberships_fail, leaves_a_list),
]


def play(arena: Arena) -> None:
    """A run, which may end as it likes."""
    arena.is_stormy = True
    with suppress(ContractError):
        arena.run("changes")


def assert_gone(arena: Arena) -> None:
    assert subscribed(arena) == {OTHER_ADDRESS}
    assert person(arena, ADDRESS)["is_unsubscribed"]


@pytest.mark.parametrize("trouble", [each for each in TROUBLES if each is not address_gone])
def test_in_the_run_after_the_trouble_began(played: Arena, trouble: Callable[[Arena], None]) -> None:
    trouble(played)
    play(played)
    assert ADDRESS in subscribed(played)
    played.world.crm_do(ANN_REFUSES_MAIL)
    play(played)
    assert_gone(played)


@pytest.mark.parametrize("trouble", [each for each in TROUBLES if each is not leaves_a_list])
def test_in_the_run_in_which_the_trouble_begins(played: Arena, trouble: Callable[[Arena], None]) -> None:
    trouble(played)
    played.world.crm_do(ANN_REFUSES_MAIL)
    play(played)
    assert_gone(played)


def others_fail(arena: Arena) -> None:
    arena.world.crm_do(MORE_LISTS.replace("select n, 1", "select n, 2"))
    fault_in(arena, status=503, path_regex=_LIST_CALLS[arena.world.provider], body_regex="More")


def others_are_not_understood(arena: Arena) -> None:
    arena.world.crm_do(MORE_LISTS.replace("select n, 1", "select n, 2"))
    fault_in(arena, "garbled", path_regex=_LIST_CALLS[arena.world.provider], body_regex="More")


@pytest.mark.parametrize("trouble", [others_fail, others_are_not_understood])
def test_though_no_list_of_others_can_be_made(played: Arena, trouble: Callable[[Arena], None]) -> None:
    trouble(played)
    played.world.crm_do(ANN_REFUSES_MAIL)
    play(played)
    assert_gone(played)


def test_nothing_comes_before_it() -> None:
    assert next(iter(PHASES)) == "suppress"


@pytest.mark.parametrize("mode", ["changes", "compare", "full"])
@pytest.mark.parametrize("shares", [False, True], ids=["alone", "who shares the address of somebody without a list"])
def test_in_whatever_mode_though_they_leave_all_lists_too(played: Arena, mode: str, shares: bool) -> None:
    if shares:
        played.world.crm_do("insert into crm.contact (contact_id, first_name) values (7, 'Ann')")
        played.world.crm_do(
            "insert into crm.email_address (contact_id, address, is_primary) values (7, %s, true)", ADDRESS
        )
        assert played.run("changes")
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 1")
    played.world.crm_do("delete from crm.list_member where contact_id = 1")
    assert played.run(mode)
    assert person(played, ADDRESS)["is_unsubscribed"]
    played.settle()


@pytest.mark.parametrize("how", ["archive", "forget"])
def test_taking_out_somebody_unknown_there_makes_no_ghost(played: Arena, how: str) -> None:
    if how not in played.provider.BY_HAND:
        return
    do_by_hand(played, how, ADDRESS)
    before = len(played.provider.people(played.standin.state()))
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert len(played.provider.people(played.standin.state())) == before
