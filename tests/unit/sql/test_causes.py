"""Whom a cause concerns is found by the read, not by the writer: of two transactions that overlap, each may lack what
the other one brings."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from local.crm_sql import changed_since, run_statement

# The first transaction begins, changes something, and stays open over the read; the second commits before it. → Who
# must come with the read after both.
OVERLAPS = {
    "list switched on, member added": (
        "update crm.list set sync_enabled = true where list_id = 3",
        "insert into crm.list_member (list_id, contact_id) values (3, 4)",
        {4},
    ),
    "list renamed, member added": (
        "update crm.list set name = 'Other' where list_id = 2",
        "insert into crm.list_member (list_id, contact_id) values (2, 3)",
        {3, 4},
    ),
    "address given up, taken by another": (
        "update crm.email_address set address = 'else@example.org' where contact_id = 3",
        "update crm.email_address set address = ' C3@example.org' where contact_id = 4",
        {3, 4},
    ),
    "address deleted, taken by another": (
        "delete from crm.email_address where contact_id = 3",
        "update crm.email_address set address = 'C3@example.org' where contact_id = 4",
        {3, 4},
    ),
    "contact deleted, its address taken by another": (
        "delete from crm.contact where contact_id = 3",
        "update crm.email_address set address = 'c3@example.org' where contact_id = 4",
        {3, 4},
    ),
    "organization renamed, individual added": (
        "update crm.contact set organization_name = 'Co.' where contact_id = 1",
        "insert into crm.relationship (individual_id, organization_id) values (4, 1)",
        {1, 2, 4},
    ),
    "membership of an organization, individual added": (
        "update crm.membership set status = 'dropped' where contact_id = 1",
        "insert into crm.relationship (individual_id, organization_id) values (4, 1)",
        {1, 2, 4},
    ),
    "type renamed, membership added": (
        "update crm.membership_type set name = 'Other' where membership_type_id = 2",
        "insert into crm.membership (contact_id, membership_type_id, status) values (4, 2, 'active')",
        {3, 4},
    ),
    "type renamed, organization gets an individual": (
        "update crm.membership_type set name = 'Other' where membership_type_id = 1",
        "insert into crm.relationship (individual_id, organization_id) values (3, 1)",
        {1, 2, 3},
    ),
}


@pytest.fixture
def other(crm: str) -> Iterator[psycopg.Connection]:
    """A second session of the CRM."""
    with psycopg.connect(crm) as opened:
        yield opened


@pytest.mark.parametrize("level", [psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ])
@pytest.mark.parametrize("overlap", OVERLAPS)
def test_who_is_concerned_is_known_once_both_have_committed(
    small: psycopg.Connection, other: psycopg.Connection, overlap: str, level: psycopg.IsolationLevel
) -> None:
    first, second, expected = OVERLAPS[overlap]
    other.isolation_level = level
    other.execute("select count(*) from crm.contact")
    if level is psycopg.IsolationLevel.READ_COMMITTED:
        other.execute(first)
        small.execute(second)
    else:
        small.execute(second)
        other.execute(first)
    last = run_statement(small, "crm/extract/snapshot")[0]["snapshot"]
    other.commit()
    assert expected == set(changed_since(small, last))
