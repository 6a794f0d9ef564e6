"""A name that the CRM does not know empties none that is at the provider, and is nothing to send."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, person, settle_in

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NO_NAMES = "update crm.contact set first_name = null, last_name = null where contact_id = 1"
IS_AN_ORGANIZATION = "update crm.contact set kind = 'organization', organization_name = 'Acme' where contact_id = 1"


def names(arena: Arena) -> tuple[str, str]:
    """Ann's names there."""
    first, last = person(arena, ADDRESS)["names"]
    return first, last


def test_a_name_that_is_taken_away_stays_there_and_so_do_address_and_identity(played: Arena) -> None:
    before = person(played, ADDRESS)["identity"]
    played.world.crm_do("update crm.contact set last_name = 'Lee' where contact_id = 1")
    assert played.run("changes")
    played.world.crm_do(NO_NAMES)
    assert played.run("changes")
    assert names(played) == ("Ann", "Lee")
    played.settle()
    assert (names(played), person(played, ADDRESS)["identity"]) == (("Ann", "Lee"), before)


def test_somebody_whom_the_crm_does_not_name_keeps_the_names_met_there(arena: Arena) -> None:
    arena.reset()
    settle_in(arena.association)
    arena.world.crm_do(NO_NAMES)
    arena.standin.act(arena.provider.BY_HAND["appear"], address=ADDRESS)
    arena.standin.act(**arena.provider.renaming(ADDRESS, "Anna"))
    before = names(arena)
    assert before[0] == "Anna"
    assert arena.run("full")
    assert names(arena) == before
    arena.settle()
    arena.world.crm_do("update crm.contact set first_name = 'Ann' where contact_id = 1")
    assert arena.run("changes")
    assert names(arena) == ("Ann", before[1])


def test_who_becomes_an_organization_there_is_sent_once(played: Arena) -> None:
    played.world.crm_do(IS_AN_ORGANIZATION)
    assert played.run("changes")
    played.settle()


def test_a_name_that_differs_there_is_mended_by_a_full_run(played: Arena) -> None:
    played.standin.act(**played.provider.renaming(ADDRESS, "Annette"))
    assert played.run("full")
    assert names(played)[0] == "Ann"
    played.settle()


def test_a_last_name_alone_that_is_missing_keeps_the_one_that_is_there(played: Arena) -> None:
    played.world.crm_do("update crm.contact set last_name = 'Lee' where contact_id = 1")
    assert played.run("changes")
    played.world.crm_do("update crm.contact set first_name = 'Anna', last_name = null where contact_id = 1")
    assert played.run("changes")
    assert names(played) == ("Anna", "Lee")
    played.settle()
