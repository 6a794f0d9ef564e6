"""Two transactions of the CRM overlap, and a run passes between their commits: the next one ends as the CRM says, for
each table, each provider, and whatever either transaction could see of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import EMAIL_PROVIDERS, MEMBER_PROVIDERS, PROVIDERS, everywhere
from convergence.members import MemberArena

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

READ_COMMITTED, REPEATABLE_READ = psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ
HIGHER_LOGIC, MEMBERS = ["higher_logic"], MEMBER_PROVIDERS
# Whoever is told of an organization, or of the kinds of somebody's memberships, and not only that there is one.
OF_ORGANIZATIONS = [*HIGHER_LOGIC, "votervoice"]
WITH_LISTS = [*EMAIL_PROVIDERS, *HIGHER_LOGIC]


@dataclass(frozen=True)
class Overlap:
    """``late`` stays open while ``early`` is committed and a run passes. ``seen_by``: who must hear of ``late``."""

    late: str
    early: str
    seen_by: list[str]


# Each has people of its own: Ann {a} and Bob {b}, both in list {a}, who alone is in {b}; {c} is not synchronized. Both
# are members of kind {a}; Bob belongs to the organization {c}, which is a member of kind {b}.
OVERLAPS = {
    "contact": Overlap(
        "update crm.contact set first_name = 'Anna' where contact_id = {a}",
        "insert into crm.list_member (list_id, contact_id) values ({b}, {a})",
        PROVIDERS,
    ),
    "contact, deleted": Overlap(
        "delete from crm.contact where contact_id = {c}",
        "update crm.contact set first_name = 'Bobby' where contact_id = {b}",
        HIGHER_LOGIC,
    ),
    "email_address": Overlap(
        "update crm.email_address set address = 'new{a}@example.org' where contact_id = {a}",
        "update crm.email_address set address = 'p{a}@example.org' where contact_id = {b}",
        PROVIDERS,
    ),
    "list": Overlap(
        "update crm.list set sync_enabled = true where list_id = {c}",
        "insert into crm.list_member (list_id, contact_id) values ({c}, {a})",
        WITH_LISTS,
    ),
    "list, renamed": Overlap(
        "update crm.list set name = 'Letters {a}' where list_id = {b}",
        "insert into crm.list_member (list_id, contact_id) values ({b}, {a})",
        EMAIL_PROVIDERS,
    ),
    "list_member": Overlap(
        "insert into crm.list_member (list_id, contact_id) values ({b}, {a})",
        "update crm.list set name = 'Chairs {a}' where list_id = {b}",
        WITH_LISTS,
    ),
    "list_member, deleted": Overlap(
        "delete from crm.list_member where contact_id = {a}",
        "update crm.email_address set address = 'p{a}@example.org' where contact_id = {b}",
        HIGHER_LOGIC,
    ),
    "membership_type": Overlap(
        "update crm.membership_type set name = 'Full {a}' where membership_type_id = {b}",
        "insert into crm.membership (contact_id, membership_type_id, status) values ({a}, {b}, 'active')",
        HIGHER_LOGIC,
    ),
    "membership": Overlap(
        "update crm.membership set status = 'dropped' where contact_id = {a}",
        "update crm.contact set first_name = 'Anna' where contact_id = {a}",
        MEMBERS,
    ),
    "membership, of an organization": Overlap(
        "update crm.membership set status = 'dropped' where contact_id = {c}",
        "insert into crm.relationship (individual_id, organization_id, is_primary) values ({a}, {c}, true)",
        OF_ORGANIZATIONS,
    ),
    "relationship": Overlap(
        "insert into crm.relationship (individual_id, organization_id, is_primary) values ({a}, {c}, true)",
        "update crm.membership set membership_type_id = {a} where contact_id = {c}",
        HIGHER_LOGIC,
    ),
    "relationship, deleted": Overlap(
        "delete from crm.relationship where individual_id = {b}",
        "insert into crm.membership (contact_id, membership_type_id, status) values ({c}, {a}, 'active')",
        HIGHER_LOGIC,
    ),
}
BEGINS = """
    insert into crm.list (list_id, name, sync_enabled)
        values ({a}, 'News {a}', true), ({b}, 'Board {a}', true), ({c}, 'Jobs {a}', false);
    insert into crm.membership_type (membership_type_id, name) values ({a}, 'Regular {a}'), ({b}, 'Corporate {a}');
    insert into crm.contact (contact_id, kind, first_name, organization_name)
        values ({a}, 'individual', 'Ann', null), ({b}, 'individual', 'Bob', null), ({c}, 'organization', null, 'Ltd');
    insert into crm.email_address (contact_id, address, is_primary)
        values ({a}, 'p{a}@example.org', true), ({b}, 'p{b}@example.org', true);
    insert into crm.list_member (list_id, contact_id) values ({a}, {a}), ({a}, {b}), ({b}, {b});
    insert into crm.membership (contact_id, membership_type_id, status)
        values ({a}, {a}, 'active'), ({b}, {a}, 'active'), ({c}, {b}, 'active');
    insert into crm.relationship (individual_id, organization_id, is_primary) values ({b}, {c}, true)
"""
# At which level the late one reads first, and whether it writes after the early one was read.
TIMES = {"committed": (READ_COMMITTED, False), "repeatable": (REPEATABLE_READ, False), "stale": (REPEATABLE_READ, True)}
IDS = {
    what: {"a": number, "b": number + 1, "c": number + 2}
    for number, what in zip(range(11, 131, 10), OVERLAPS, strict=True)
}


@everywhere
@pytest.mark.parametrize("when", TIMES)
def test_the_next_run_ends_as_the_crm_says(arena: Arena, when: str) -> None:
    arena.reset()
    arena.world.crm_do("; ".join(BEGINS.format(**ids) for ids in IDS.values()))
    assert arena.run("changes")
    late_ones = "; ".join(overlap.late.format(**IDS[what]) for what, overlap in OVERLAPS.items())
    level, writes_after_all = TIMES[when]
    with psycopg.connect(arena.association.dsn) as late:
        late.isolation_level = level
        late.execute("select count(*) from crm.contact")
        if not writes_after_all:
            late.execute(late_ones.encode())
        arena.world.crm_do("; ".join(overlap.early.format(**IDS[what]) for what, overlap in OVERLAPS.items()))
        assert arena.run("changes")
        before = held_as_the_crm_says(arena)
        if writes_after_all:
            late.execute(late_ones.encode())
    assert arena.run("changes")
    after = held_as_the_crm_says(arena)
    alike = [what for what, each in OVERLAPS.items() if arena.world.provider in each.seen_by]
    assert not [what for what in alike if before[what] == after[what]]


def held_as_the_crm_says(arena: Arena) -> dict[str, Any]:
    """What the provider holds of the people of each overlap, in which nothing is to be found."""
    assert not (findings := arena.judge().findings), findings
    newest = "select mode from crm_sync.run where provider = %s order by run_id desc limit 1"
    assert arena.world.query(newest, arena.world.provider) == [("changes",)], "a comparison would find anything"
    state = arena.standin.state()
    if isinstance(arena, MemberArena):
        there = arena.provider.members(state)
        return {what: [there.get(str(number)) for number in ids.values()] for what, ids in IDS.items()}
    people = {each["address"]: each for each in arena.provider.people(state)}
    return {
        what: [people.get(f"{prefix}{number}@example.org") for prefix in ("p", "new") for number in ids.values()]
        for what, ids in IDS.items()
    }
