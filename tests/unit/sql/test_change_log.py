"""What changes in the CRM is logged by the database itself, whichever table the change comes through."""

from __future__ import annotations

import pandas as pd
import psycopg
import pytest

from local.crm_data import create_schema, load
from local.crm_sql import changed_since

CHANGES = {
    "contact inserted": ("INSERT INTO crm.contact (contact_id) VALUES (9)", [9]),
    "individual renamed": ("UPDATE crm.contact SET last_name = 'Drei' WHERE contact_id = 3", [3]),
    "organization renamed": ("UPDATE crm.contact SET organization_name = 'Co.' WHERE contact_id = 1", [1, 2]),
    "contact saved unchanged": ("UPDATE crm.contact SET last_name = last_name", []),
    "address inserted": ("INSERT INTO crm.email_address (contact_id, address) VALUES (3, 'x@example.org')", [3]),
    "address changed": ("UPDATE crm.email_address SET address = 'y@example.org' WHERE contact_id IN (2, 3)", [2, 3]),
    "address moved to another contact": ("UPDATE crm.email_address SET contact_id = 3, is_primary = false "
                                         "WHERE contact_id = 4", [3, 4]),
    "address shared no longer": ("UPDATE crm.email_address SET address = 'y@example.org' WHERE contact_id = 7", [6, 7]),
    "address deleted": ("DELETE FROM crm.email_address WHERE contact_id = 4", [4]),
    "list inserted": ("INSERT INTO crm.list (list_id, name) VALUES (9, 'New')", []),
    "list renamed": ("UPDATE crm.list SET name = 'Renamed' WHERE list_id = 1", [2, 3]),
    "list switched off": ("UPDATE crm.list SET sync_enabled = false", [2, 3, 4]),
    "list turned committee": ("UPDATE crm.list SET kind = 'committee' WHERE list_id = 2", [4]),
    "list saved unchanged": ("UPDATE crm.list SET name = name", []),
    "list deleted": ("DELETE FROM crm.list WHERE list_id = 1", [2, 3]),
    "all lists deleted": ("DELETE FROM crm.list", [2, 3, 4]),
    "member added": ("INSERT INTO crm.list_member (list_id, contact_id) VALUES (2, 1), (2, 3)", [1, 2, 3]),
    "member flagged": ("UPDATE crm.list_member SET do_not_contact = true WHERE contact_id = 2", [2]),
    "member removed": ("DELETE FROM crm.list_member WHERE contact_id IN (2, 4)", [2, 4]),
    "members truncated": ("TRUNCATE crm.list_member", [None]),
    "type renamed, held by an organization": ("UPDATE crm.membership_type SET name = 'X' WHERE membership_type_id = 1",
                                              [1, 2]),
    "type renamed, held by an individual": ("UPDATE crm.membership_type SET name = 'X' WHERE membership_type_id = 2",
                                            [3]),
    "type deleted": ("DELETE FROM crm.membership_type WHERE membership_type_id = 1", [1, 2]),
    "membership of an individual": ("INSERT INTO crm.membership (contact_id, membership_type_id, status) "
                                    "VALUES (4, 2, 'courtesy')", [4]),
    "membership of an organization": ("UPDATE crm.membership SET status = 'dropped' WHERE contact_id = 1", [1, 2]),
    "membership deleted": ("DELETE FROM crm.membership WHERE contact_id = 1", [1, 2]),
    "relationship inserted": ("INSERT INTO crm.relationship (individual_id, organization_id) VALUES (4, 1)", [1, 2, 4]),
    "relationship changed": ("UPDATE crm.relationship SET title = 'Chief'", [1, 2]),
    "relationship deleted": ("DELETE FROM crm.relationship", [1, 2]),
}  # fmt: skip


# 6 and 7 share an address, written otherwise.
SHARING = """
    INSERT INTO crm.contact (contact_id) VALUES (6), (7);
    INSERT INTO crm.email_address (contact_id, address, is_primary) VALUES
        (6, 'two@example.org', true), (7, ' Two@example.org', true);
"""


def causes(connection: psycopg.Connection) -> list[tuple[str, int | None]]:
    """What was logged, repetitions included, sorted."""
    return connection.execute("SELECT cause, key FROM crm.change_log ORDER BY cause, key").fetchall()


@pytest.mark.parametrize("change", CHANGES)
def test_a_statement_logs_each_cause_once_and_concerns_whom_it_should(small: psycopg.Connection, change: str) -> None:
    statement, expected = CHANGES[change]
    small.execute(SHARING)
    small.execute("DELETE FROM crm.change_log")
    small.execute(statement)
    assert changed_since(small, None) == expected
    assert len(set(causes(small))) == len(causes(small))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM crm.contact WHERE contact_id = 3", [3]),
        ("DELETE FROM crm.contact WHERE contact_id = 1", [1, 2]),
        ("DELETE FROM crm.contact", [1, 2, 3, 4]),
        ("TRUNCATE crm.contact CASCADE", [None]),
    ],
)
def test_deleted_contacts_are_logged_with_those_related(
    small: psycopg.Connection, statement: str, expected: list[int | None]
) -> None:
    small.execute(statement)
    assert changed_since(small, None) == expected


def test_the_log_names_transaction_and_time(small: psycopg.Connection) -> None:
    with small.transaction():
        small.execute("UPDATE crm.contact SET city = 'Boise' WHERE contact_id = 3")
        found = small.execute(
            "SELECT xid = pg_current_xact_id(), changed_at = transaction_timestamp() FROM crm.change_log"
        ).fetchall()
    assert found == [(True, True)]


def test_a_hundred_thousand_rows_cost_one_firing(connection: psycopg.Connection) -> None:
    contacts = pd.DataFrame({"contact_id": range(1, 100_001), "last_name": "Same"})
    load(connection, {"contact": contacts})
    connection.execute("TRUNCATE crm.change_log")
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) UPDATE crm.contact SET last_name = 'Other'"
    (((plan,),),) = connection.execute(explain).fetchall()
    assert [(trigger["Trigger Name"], trigger["Calls"]) for trigger in plan["Triggers"]] == [("log_update", 1)]
    count = connection.execute("SELECT count(*), count(DISTINCT key), count(DISTINCT xid) FROM crm.change_log")
    assert count.fetchone() == (100_000, 100_000, 1)


def test_who_may_change_a_contact_needs_no_rights_on_the_log(small: psycopg.Connection) -> None:
    with small.transaction(force_rollback=True):
        small.execute("CREATE ROLE crm_application")
        small.execute("GRANT USAGE ON SCHEMA crm TO crm_application")
        small.execute("GRANT SELECT, UPDATE ON crm.contact TO crm_application")
        small.execute("SET LOCAL ROLE crm_application")
        small.execute("UPDATE crm.contact SET city = 'Boise' WHERE contact_id = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), small.transaction():
            small.execute("SELECT 1 FROM crm.change_log")
        small.execute("RESET ROLE")
        assert causes(small) == [("contact", 1)]


def test_the_scripts_may_be_run_again(small: psycopg.Connection) -> None:
    create_schema(small)
    small.execute("UPDATE crm.contact SET city = 'Boise' WHERE contact_id = 3")
    assert causes(small) == [("contact", 3)]
