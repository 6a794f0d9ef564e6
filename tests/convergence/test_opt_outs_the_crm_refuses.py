"""An opt-out that the CRM does not take: nobody else's waits for it, and the person is held back everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from convergence import two_people
from convergence.arena import Arena
from convergence.conftest import EMAIL_PROVIDERS, opened
from convergence.two_people import ADDRESS, OTHER_ADDRESS, do_by_hand, subscribed
from crm_sync.errors import ConfigError
from crm_sync.pipeline import write_back
from local.postgres import Postgres

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

_REFUSES = """
    create or replace function crm.refuse_flag() returns trigger language plpgsql as $body$
        begin {body} end $body$;
    create trigger refuses_flag before update on crm.list_member
        for each row when (new.do_not_contact and {when}) execute function crm.refuse_flag()
"""
RAISES = "raise exception 'no';"
OF_ANN = "new.contact_id = 1"


Both = dict[str, Arena]


@pytest.fixture(scope="module")
def newsletters(postgres: Postgres, crm_template: str) -> Iterator[list[Arena]]:
    """The providers of newsletters, on one CRM."""
    with opened(postgres, crm_template, EMAIL_PROVIDERS) as made:
        assert len(made) > 1
        yield made


@pytest.fixture
def both(newsletters: list[Arena]) -> Iterator[Both]:
    """Ann in lists 1 and 2, Bob in list 2, brought across to two providers."""
    mine = {each.world.provider: each for each in newsletters}
    first = newsletters[0]
    for each in newsletters:
        each.reset()
    two_people.settle_in(first.association)
    first.world.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 1)")
    for each in newsletters:
        assert each.run("changes")
        assert subscribed(each) == {ADDRESS, OTHER_ADDRESS}
    yield mine
    mend(first)


def refuse(arena: Arena, when: str = OF_ANN, body: str = RAISES) -> None:
    """The CRM refuses Do Not Contact on some memberships."""
    arena.world.crm_do(_REFUSES.format(when=when, body=body))


def mend(arena: Arena) -> None:
    """It does no longer."""
    arena.world.crm_do("drop trigger if exists refuses_flag on crm.list_member")


def flagged(arena: Arena) -> set[tuple[int, int]]:
    rows = arena.world.crm_do("select contact_id, list_id from crm.list_member where do_not_contact")
    return {(contact, of_list) for contact, of_list in rows}


def unwritten(arena: Arena) -> set[tuple[Any, ...]]:
    asked = "select contact_id, list_id, reason from crm_sync.exceptions where what = 'opt_out' and provider = %s"
    return set(arena.world.query(asked, arena.world.provider))


@pytest.mark.parametrize(("heard_at", "other"), [("mailchimp", "constant_contact"), ("constant_contact", "mailchimp")])
def test_the_others_are_written_and_the_person_is_held_back_everywhere(both: Both, heard_at: str, other: str) -> None:
    here, there = both[heard_at], both[other]
    refuse(here)
    for address in (ADDRESS, OTHER_ADDRESS):
        do_by_hand(here, "leave", address)
    assert here.run("changes"), "the run is not red"
    assert flagged(here) == {(2, 2)}
    assert unwritten(here) == {(1, 1, "crm_refused:P0001"), (1, 2, "crm_refused:P0001")}
    assert there.run("changes")
    assert subscribed(there) == set()
    assert unwritten(there) == {(1, None, "opt_out_unwritten")}
    there.standin.clear_requests()
    assert there.run("changes")
    assert not two_people.writes(there)

    mend(here)
    assert here.run("changes")
    assert flagged(here) == {(1, 1), (1, 2), (2, 2)}
    assert unwritten(here) == set()
    assert there.run("changes")
    assert subscribed(there) == set()
    assert unwritten(there) == set()


@pytest.mark.parametrize("body", ["new.do_not_contact := false; return new;", "return null;"])
def test_a_flag_that_the_crm_does_not_keep_is_not_written(both: Both, body: str) -> None:
    here, there = both["mailchimp"], both["constant_contact"]
    refuse(here, body=body)
    do_by_hand(here, "leave", ADDRESS)
    assert here.run("changes")
    assert {reason for _, _, reason in unwritten(here)} == {write_back.NOT_KEPT}
    assert there.run("changes")
    assert subscribed(there) == {OTHER_ADDRESS}


def test_a_membership_that_somebody_has_locked_is_tried_again(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_PATIENCE_MS", "_PATIENCE_WITH_A_PART_MS"):
        monkeypatch.setattr(write_back, name, 100)
    here, there = both["mailchimp"], both["constant_contact"]
    for address in (ADDRESS, OTHER_ADDRESS):
        do_by_hand(here, "leave", address)
    with psycopg.connect(here.association.dsn) as clerk:
        clerk.execute("update crm.list_member set role = 'Chair' where contact_id = 1 and list_id = 2")
        assert here.run("changes")
        assert flagged(here) == {(1, 1), (2, 2)}
        assert unwritten(here) == {(1, 2, "crm_locked")}
        assert there.run("changes")
        assert subscribed(there) == set()
    assert here.run("changes")
    assert flagged(here) == {(1, 1), (1, 2), (2, 2)}
    assert unwritten(here) == set()


def test_what_the_crm_refuses_for_everybody_is_an_error_of_the_run_and_holds_back_too(both: Both) -> None:
    here, there = both["mailchimp"], both["constant_contact"]
    here.world.crm_do(
        """
        create or replace function crm.refuse_flag() returns trigger language plpgsql as $body$
            begin raise exception 'no right' using errcode = '42501'; end $body$;
        create trigger refuses_flag before update on crm.list_member
            for each statement execute function crm.refuse_flag()
        """
    )
    do_by_hand(here, "leave", ADDRESS)
    with pytest.raises(ConfigError):
        here.run("changes")
    assert unwritten(here) == set()
    assert there.run("changes")
    assert subscribed(there) == {OTHER_ADDRESS}
    assert unwritten(there) == {(1, None, "opt_out_unwritten")}


def test_in_the_scope_of_lists_only_that_list_is_closed(both: Both) -> None:
    here, there = both["mailchimp"], both["constant_contact"]
    for each in both.values():
        each.world.settings = replace(each.world.settings, do_not_contact_scope="list")
    try:
        for each in both.values():
            assert each.run("changes")
        refuse(here, when="new.contact_id = 1 and new.list_id = 1")
        do_by_hand(here, "leave", ADDRESS)
        assert here.run("changes")
        assert flagged(here) == {(1, 2)}
        here.world.crm_do("update crm.list_member set do_not_contact = false where contact_id = 1 and list_id = 2")
        assert here.run("changes")
        assert there.run("changes")
        assert flagged(here) == set(), "what staff cleared stays cleared"
        assert two_people.person(there, ADDRESS)["lists"] == {"Board"}
    finally:
        for each in both.values():
            each.world.settings = replace(each.world.settings, do_not_contact_scope="contact")


def test_whoever_comes_back_by_themselves_is_held_back_no_longer(both: Both) -> None:
    here, there = both["mailchimp"], both["constant_contact"]
    refuse(here)
    do_by_hand(here, "leave", ADDRESS)
    assert here.run("changes")
    assert there.run("changes")
    assert subscribed(there) == {OTHER_ADDRESS}
    do_by_hand(here, "return", ADDRESS)
    assert here.run("full")
    assert unwritten(here) == set()
    assert there.run("changes")
    assert subscribed(there) == {ADDRESS, OTHER_ADDRESS}
    assert unwritten(there) == set()


def test_of_many_the_few_that_the_crm_refuses_are_found(both: Both) -> None:
    here = both["mailchimp"]
    numbers = range(10, 40)
    with psycopg.connect(here.association.dsn) as connection:
        for number in numbers:
            two_people.add_person(connection, number, "New", f"new{number}@example.org", list_id=1)
    assert here.run("changes")
    refuse(here, when="new.contact_id in (11, 12, 30)")
    for number in numbers:
        do_by_hand(here, "leave", f"new{number}@example.org")
    assert here.run("changes")
    assert flagged(here) == {(number, 1) for number in numbers if number not in (11, 12, 30)}
    assert {contact for contact, _, _ in unwritten(here)} == {11, 12, 30}
