"""Whoever changes their own address at the provider is the same person there and keeps it until the CRM's address
changes: nobody is made anew under the old one, and what the CRM says is done to the person where they are."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.own_addresses import (
    PRIVATE,
    THIRD,
    identities,
    is_archived,
    lists_of,
    moves,
    readdress,
    reasons,
)
from convergence.two_people import (
    ADDRESS,
    ANN_IS_BACK,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    OTHER_ADDRESS,
    add_person,
    do_by_hand,
    person,
    subscribed,
)

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
each_mode = pytest.mark.parametrize("mode", ["changes", "full"])
ANN_MAY_BE_MAILED = "update crm.contact set do_not_contact = false where contact_id = 1"


def refusing(arena: Arena) -> list[int]:
    """The contacts with Do Not Contact on a membership."""
    rows = arena.world.crm_do("select contact_id from crm.list_member where do_not_contact order by 1")
    return [contact_id for (contact_id,) in rows]


@each_mode
@pytest.mark.parametrize("deeds", [("move", "leave"), ("leave", "move"), ("move", "staff_leave")])
def test_who_changes_the_address_and_leaves_gets_no_mail_at_either(
    played: Arena, deeds: tuple[str, str], mode: str
) -> None:
    at = ADDRESS
    for deed in deeds:
        if deed == "move":
            readdress(played)
            at = PRIVATE
        else:
            do_by_hand(played, deed, at)
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert refusing(played) == [1]
    for flag in (True, False):
        # Whoever clears the flag in the CRM takes no opt-out back.
        played.world.crm_do("update crm.list_member set do_not_contact = %s where contact_id = 1", flag)
        for again in ("changes", "full"):
            assert played.run(again)
            assert subscribed(played) == {OTHER_ADDRESS}
    played.settle()
    played.assert_opt_outs_stand()


@each_mode
def test_who_changes_the_address_keeps_it(played: Arena, mode: str) -> None:
    before = identities(played)
    readdress(played)
    assert played.run(mode)
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert lists_of(played, PRIVATE) == {"News"}
    assert identities(played) == {PRIVATE: before[ADDRESS], OTHER_ADDRESS: before[OTHER_ADDRESS]}
    played.settle()


@each_mode
@pytest.mark.parametrize("to", [THIRD, PRIVATE])
def test_the_crm_moves_the_same_person_on(played: Arena, mode: str, to: str) -> None:
    before = identities(played)[ADDRESS]
    readdress(played)
    assert played.run(mode)
    moves(played, to)
    assert played.run("changes")
    assert subscribed(played) == {to, OTHER_ADDRESS}
    assert identities(played)[to] == before
    assert lists_of(played, to) == {"News"}
    played.settle()
    # From now on the CRM and the provider agree, and the person leaves as anybody does.
    do_by_hand(played, "leave", to)
    assert played.run("changes")
    assert refusing(played) == [1]
    played.settle()


@each_mode
def test_do_not_contact_finds_the_person_under_the_new_address(played: Arena, mode: str) -> None:
    readdress(played)
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert person(played, PRIVATE)["is_unsubscribed"]
    assert not lists_of(played, PRIVATE)
    played.settle()
    played.world.crm_do(ANN_MAY_BE_MAILED)
    assert played.run(mode)
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert lists_of(played, PRIVATE) == {"News"}
    played.settle()


@each_mode
def test_who_leaves_all_lists_is_archived_under_the_new_address_and_comes_back_there(played: Arena, mode: str) -> None:
    readdress(played)
    played.world.crm_do(ANN_LEAVES)
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}
    assert is_archived(played, PRIVATE)
    played.settle()
    played.world.crm_do(ANN_IS_BACK)
    assert played.run(mode)
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    played.settle()


@each_mode
def test_names_and_lists_of_the_crm_reach_the_person_under_the_new_address(played: Arena, mode: str) -> None:
    readdress(played)
    played.world.crm_do("update crm.contact set first_name = 'Anna' where contact_id = 1")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1)")
    assert played.run(mode)
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert person(played, PRIVATE)["names"][0] == "Anna"
    assert lists_of(played, PRIVATE) == {"News", "Board"}
    played.world.crm_do("delete from crm.list_member where contact_id = 1 and list_id = 1")
    assert played.run("changes")
    assert lists_of(played, PRIVATE) == {"Board"}
    played.settle()


@each_mode
def test_an_address_that_somebody_chose_there_is_nobody_elses(played: Arena, mode: str) -> None:
    """Two contacts, one person there: she stays who she is, and a row says why the other one is not there."""
    readdress(played)
    with played.association.connect() as connection:
        add_person(connection, 3, "Cara", PRIVATE, list_id=2)
    assert played.run(mode)
    assert subscribed(played) == {PRIVATE, OTHER_ADDRESS}
    assert person(played, PRIVATE)["names"][0] == "Ann"
    assert lists_of(played, PRIVATE) == {"News"}
    assert reasons(played) == {PRIVATE: "address_taken"}
    played.settle()
    do_by_hand(played, "leave", PRIVATE)
    assert played.run("changes")
    assert 1 in refusing(played)
    assert subscribed(played) == {OTHER_ADDRESS}
    played.settle()
    played.assert_opt_outs_stand()


@each_mode
def test_whoever_gets_the_old_address_in_the_crm_is_somebody_else(played: Arena, mode: str) -> None:
    """The person who chose another address, and refused there, had that of the CRM; nobody refused at it."""
    readdress(played)
    do_by_hand(played, "leave", PRIVATE)
    assert played.run(mode)
    moves(played, THIRD)
    with played.association.connect() as connection:
        add_person(connection, 3, "Cara", ADDRESS, list_id=2)
    for again in (mode, "full"):
        assert played.run(again)
        assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert person(played, ADDRESS)["names"][0] == "Cara"
    assert refusing(played) == [1]
    played.settle()
    played.assert_opt_outs_stand()


@each_mode
def test_somebody_else_gets_the_old_address_while_the_person_moves_on(played: Arena, mode: str) -> None:
    before = identities(played)[ADDRESS]
    readdress(played)
    assert played.run(mode)
    moves(played, THIRD)
    with played.association.connect() as connection:
        add_person(connection, 3, "Cara", ADDRESS, list_id=2)
    assert played.run("changes")
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS, THIRD}
    assert identities(played)[THIRD] == before
    assert person(played, ADDRESS)["names"][0] == "Cara"
    played.settle()


def test_who_takes_the_old_address_back_is_as_before(played: Arena) -> None:
    before = identities(played)
    readdress(played)
    assert played.run("full")
    readdress(played, PRIVATE, ADDRESS)
    assert played.run("changes")
    assert identities(played) == before
    played.settle()


def test_two_who_trade_addresses_there_stay_who_they_are(played: Arena) -> None:
    before = identities(played)
    readdress(played, ADDRESS, THIRD)
    readdress(played, OTHER_ADDRESS, ADDRESS)
    readdress(played, THIRD, OTHER_ADDRESS)
    assert played.run("full")
    assert identities(played) == {ADDRESS: before[OTHER_ADDRESS], OTHER_ADDRESS: before[ADDRESS]}
    assert lists_of(played, ADDRESS) == {"Board"}
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert subscribed(played) == {ADDRESS}
    assert person(played, OTHER_ADDRESS)["is_unsubscribed"]
