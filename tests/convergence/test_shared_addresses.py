"""Two contacts with one address, where a membership's Do Not Contact counts for its own list only."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from convergence import two_people
from convergence.arena import Arena

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SHARED = "both@example.org"


@pytest.fixture
def sharing(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """Two who share an address, both in both lists, brought across in the scope of lists."""
    arena.reset()
    two_people.settle_in(arena.association)
    monkeypatch.setattr(arena.world, "settings", replace(arena.world.settings, do_not_contact_scope="list"))
    with psycopg.connect(arena.association.dsn) as connection:
        for number in (3, 4):
            two_people.add_person(connection, number, "Both", SHARED, list_id=1)
            connection.execute("insert into crm.list_member (list_id, contact_id) values (2, %s)", (number,))
    assert arena.run("changes")
    assert lists_of(arena) == {"News", "Board"}
    return arena


def lists_of(arena: Arena) -> set[str]:
    """The lists in which the shared address gets mail."""
    found = two_people.person(arena, SHARED)
    return set(found["lists"]) if found["is_subscribed"] else set()


def flag(arena: Arena, contact_id: int, list_id: int, *, to: bool = True) -> None:
    """Set or clear Do Not Contact of a membership."""
    arena.world.crm_do(
        "update crm.list_member set do_not_contact = %s where contact_id = %s and list_id = %s", to, contact_id, list_id
    )


@pytest.mark.parametrize("whose", [3, 4])
def test_the_flag_of_either_takes_the_address_out_of_its_own_list_alone(sharing: Arena, whose: int) -> None:
    flag(sharing, whose, 1)
    assert sharing.run("changes")
    assert lists_of(sharing) == {"Board"}
    flag(sharing, whose, 1, to=False)
    assert sharing.run("changes")
    assert lists_of(sharing) == {"News", "Board"}


def test_flags_of_both_together_leave_nothing(sharing: Arena) -> None:
    flag(sharing, 3, 1)
    flag(sharing, 4, 2)
    assert sharing.run("changes")
    assert lists_of(sharing) == set()


def test_who_is_flagged_in_the_only_list_keeps_nobody_else_out_of_another(sharing: Arena) -> None:
    sharing.world.crm_do("delete from crm.list_member where (contact_id, list_id) in ((3, 2), (4, 1))")
    flag(sharing, 3, 1)
    assert sharing.run("changes")
    assert lists_of(sharing) == {"Board"}


def test_the_flag_of_somebody_whose_data_is_set_aside_counts(sharing: Arena) -> None:
    sharing.world.crm_do("update crm.contact set first_name = repeat('x', 300) where contact_id = 3")
    flag(sharing, 3, 1)
    assert sharing.run("changes")
    assert lists_of(sharing) == {"Board"}
