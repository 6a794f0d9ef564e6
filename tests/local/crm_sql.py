"""Runs statements against a database, and fills a small association whose relations are known by heart."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from crm_sync.ledger.statements import statement

# Organization 1 with its individual 2; individuals 3 and 4 on their own. List 1 holds 2 and 3, list 2 holds 4.
# Membership type 1 is held by the organization, type 2 by individual 3. The change log is empty.
SMALL_ASSOCIATION = """
    INSERT INTO crm.contact (contact_id, kind, last_name) VALUES
        (1, 'organization', NULL), (2, 'individual', 'Two'), (3, 'individual', 'Three'), (4, 'individual', 'Four');
    INSERT INTO crm.email_address (contact_id, address, is_primary)
        SELECT contact_id, 'c' || contact_id || '@example.org', true FROM crm.contact;
    INSERT INTO crm.list (list_id, name, sync_enabled) VALUES (1, 'One', true), (2, 'Two', true), (3, 'Off', false);
    INSERT INTO crm.list_member (list_id, contact_id) VALUES (1, 2), (1, 3), (2, 4);
    INSERT INTO crm.membership_type (membership_type_id, name) VALUES (1, 'Corporate'), (2, 'Individual');
    INSERT INTO crm.membership (contact_id, membership_type_id, status) VALUES (1, 1, 'active'), (3, 2, 'active');
    INSERT INTO crm.relationship (individual_id, organization_id) VALUES (2, 1);
    TRUNCATE crm.change_log;
"""


def run_statement(connection: psycopg.Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    """Run a statement; its rows, by column name."""
    cursor = connection.cursor(row_factory=dict_row).execute(statement(name).encode(), parameters)
    return cursor.fetchall() if cursor.description else []


def explain_statement(connection: psycopg.Connection, name: str, **parameters: object) -> str:
    """The plan of a statement as text."""
    rows = connection.execute(b"EXPLAIN " + statement(name).encode(), parameters)
    return "\n".join(row[0] for row in rows)


def explain_bound(connection: psycopg.Connection, name: str, **parameters: object) -> str:
    """The same, with its parameters written into it, as where it is copied."""
    bound = psycopg.ClientCursor(connection).mogrify(statement(name), parameters)
    return "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + bound.encode()))


def changed_since(connection: psycopg.Connection, last_snapshot: str | None) -> list[int | None]:
    """Whom the change log tells of since a read, sorted; None: everybody."""
    rows = run_statement(
        connection, "crm/extract/changed_contacts", last_snapshot=last_snapshot, since=None, until=None
    )
    return sorted((row["contact_id"] for row in rows), key=lambda each: (each is not None, each))
