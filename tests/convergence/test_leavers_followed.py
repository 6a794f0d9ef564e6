"""An opt-out is a person's, whatever address the CRM has for them by the time it is heard of, and stands until they
take it back themselves."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import (
    ADDRESS,
    ANN_MOVES,
    ANN_REFUSES_MAIL,
    NEW_ADDRESS,
    OTHER_ADDRESS,
    TRADE_ADDRESSES,
    clear_the_weather,
    do_by_hand,
    lose_the_answers,
    person,
    subscribed,
)

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("how", ["leave", "staff_leave"]),
]


def refusing(arena: Arena) -> list[int]:
    """The contacts with Do Not Contact on a membership."""
    rows = arena.world.crm_do("select contact_id from crm.list_member where do_not_contact order by 1")
    return [contact_id for (contact_id,) in rows]


def test_who_leaves_and_moves_before_the_next_run_gets_no_mail_at_the_new_address(played: Arena, how: str) -> None:
    do_by_hand(played, how, ADDRESS)
    played.world.crm_do(ANN_MOVES)
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert refusing(played) == [1]
    played.settle()
    played.assert_opt_outs_stand()
    assert subscribed(played) == {OTHER_ADDRESS}


def test_of_two_who_trade_addresses_the_one_who_left_refuses_mail(played: Arena, how: str) -> None:
    do_by_hand(played, how, ADDRESS)
    played.world.crm_do(TRADE_ADDRESSES)
    assert played.run("changes")
    assert refusing(played) == [1]
    assert not subscribed(played), "Ann refuses mail wherever she is, and nobody may take up the address she left"
    played.settle()
    played.assert_opt_outs_stand()


def test_who_leaves_at_an_address_that_the_ledger_never_heard_of_is_followed_back(played: Arena, how: str) -> None:
    lose_the_answers(played, ANN_MOVES)
    clear_the_weather(played)
    assert subscribed(played) == {NEW_ADDRESS, OTHER_ADDRESS}
    do_by_hand(played, how, NEW_ADDRESS)
    played.world.crm_do(f"update crm.email_address set address = '{ADDRESS}' where contact_id = 1")
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert refusing(played) == [1]
    played.settle()
    played.assert_opt_outs_stand()


def test_who_was_disabled_by_us_and_came_back_by_themselves_can_leave_for_good(played: Arena, how: str) -> None:
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert person(played, ADDRESS)["is_unsubscribed"]
    do_by_hand(played, "return", ADDRESS)
    played.world.crm_do("update crm.contact set do_not_contact = false where contact_id = 1")
    assert played.run("full")
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    do_by_hand(played, how, ADDRESS)
    assert played.run("changes")
    assert refusing(played) == [1]
    played.world.crm_do("update crm.list_member set do_not_contact = false")
    for mode in ("changes", "full"):
        assert played.run(mode)
        assert subscribed(played) == {OTHER_ADDRESS}
    played.assert_opt_outs_stand()
