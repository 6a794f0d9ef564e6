"""An operation tells what it changes of a record, before and after: by what was sent last, or read back."""

from __future__ import annotations

from typing import Any

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from crm_sync.web import differences

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
RENAME = "update crm.contact set first_name = %s where contact_id = 1"
CHANGED = """
    select before, after from crm_sync.changed_record join crm_sync.planned_operation using (operation_id)
    where contact_id = 1 order by operation_id desc limit 1
"""


def told(arena: Arena) -> tuple[set[Any], set[Any]]:
    """The values before and after of the newest change of Ann's record."""
    ((before, after),) = arena.world.query(CHANGED)
    found = list(differences.between(before, after))
    return {was for _, was, _ in found}, {becomes for _, _, becomes in found}


@everywhere
@pytest.mark.parametrize("how", ["sent", "previewed"])
def test_a_new_name_is_told_beside_the_one_before(played: Arena, how: str) -> None:
    played.world.crm_do(RENAME, "Anna")
    assert played.run("changes", dry_run=how == "previewed")
    assert told(played) == ({"Ann"}, {"Anna"})
    played.world.crm_do(RENAME, "Annabel")
    assert played.run("changes")
    assert told(played) == ({"Anna" if how == "sent" else "Ann"}, {"Annabel"})


@everywhere
def test_nothing_is_told_of_who_is_sent_again_as_they_are(played: Arena) -> None:
    assert played.run("backfill")
    assert played.world.query("select count(*) from crm_sync.changed_record") == [(0,)]


def test_another_address_is_told_beside_the_one_before(played: Arena) -> None:
    played.world.crm_do("update crm.email_address set address = 'anna@example.org' where contact_id = 1")
    assert played.run("changes")
    assert played.world.query(CHANGED) == [({"address": "ann@example.org"}, {"address": "anna@example.org"})]
