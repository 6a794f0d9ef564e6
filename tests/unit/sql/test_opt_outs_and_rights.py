"""Opt-outs reach the CRM once, and the pipeline may change nothing there but what it must."""

from __future__ import annotations

import psycopg
import pytest

from local.crm_sql import run_statement

FORBIDDEN = [
    "UPDATE crm.contact SET do_not_contact = true",
    "UPDATE crm.list_member SET role = 'Chair'",
    "DELETE FROM crm.list_member",
    "INSERT INTO crm.change_log (cause) VALUES ('everything')",
    "DELETE FROM crm.contact",
]


def opt_out(
    connection: psycopg.Connection, *subscriber_keys: str, contact_id: int | None = None
) -> set[tuple[int, int]]:
    held = {"contact_ids": [contact_id] * len(subscriber_keys), "subscriber_keys": list(subscriber_keys)}
    rows = run_statement(connection, "crm/write_back/set_do_not_contact", **held)
    return {(row["contact_id"], row["list_id"]) for row in rows}


def flagged(connection: psycopg.Connection) -> set[tuple[int, int]]:
    return set(connection.execute("SELECT contact_id, list_id FROM crm.list_member WHERE do_not_contact").fetchall())


def test_an_opt_out_flags_every_synchronized_membership_of_the_address(small: psycopg.Connection) -> None:
    small.execute("UPDATE crm.email_address SET address = ' Shared@Example.org ' WHERE contact_id IN (2, 3)")
    small.execute("INSERT INTO crm.list_member (list_id, contact_id) VALUES (2, 2), (3, 2)")
    small.execute("INSERT INTO crm.email_address (contact_id, address) VALUES (4, 'shared@example.org')")
    assert opt_out(small, "shared@example.org", "nobody@example.org") == {(2, 1), (2, 2), (3, 1)}
    assert flagged(small) == {(2, 1), (2, 2), (3, 1)}


def test_an_opt_out_follows_the_contact_who_had_the_address_and_not_the_address(small: psycopg.Connection) -> None:
    small.execute("UPDATE crm.email_address SET address = 'new@example.org' WHERE contact_id = 4")
    small.execute("UPDATE crm.email_address SET address = 'c4@example.org' WHERE contact_id = 2")
    assert opt_out(small, "c4@example.org", contact_id=4) == {(4, 2)}
    assert flagged(small) == {(4, 2)}


def test_an_opt_out_of_a_contact_who_is_gone_is_that_of_whoever_has_the_address(small: psycopg.Connection) -> None:
    assert opt_out(small, "c4@example.org", contact_id=999) == {(4, 2)}


def test_an_opt_out_of_several_of_whom_one_is_left_is_not_that_of_whoever_has_the_address(
    small: psycopg.Connection,
) -> None:
    small.execute("UPDATE crm.email_address SET address = 'new@example.org' WHERE contact_id = 4")
    small.execute("UPDATE crm.email_address SET address = 'c4@example.org' WHERE contact_id = 2")
    held = {"contact_ids": [999, 4], "subscriber_keys": ["c4@example.org"] * 2}
    rows = run_statement(small, "crm/write_back/set_do_not_contact", **held)
    assert [(row["contact_id"], row["list_id"]) for row in rows] == [(4, 2)]


def test_repeating_an_opt_out_changes_and_logs_nothing(small: psycopg.Connection) -> None:
    assert opt_out(small, "c4@example.org") == {(4, 2)}
    assert small.execute("SELECT cause, key FROM crm.change_log").fetchall() == [("contact", 4)]
    assert opt_out(small, "c4@example.org") == set()
    assert small.execute("SELECT cause, key FROM crm.change_log").fetchall() == [("contact", 4)]
    assert flagged(small) == {(4, 2)}


def test_the_pipeline_role_may_opt_out_and_prune(small: psycopg.Connection) -> None:
    with small.transaction():
        small.execute("SET LOCAL ROLE crm_sync_pipeline")
        assert opt_out(small, "c2@example.org") == {(2, 1)}
        for _ in range(2):
            run_statement(small, "crm/prune/prune_change_log", before="2999-01-01 00:00Z", crm_identity="this one")
    assert small.execute("SELECT count(*) FROM crm.change_log").fetchone() == (0,)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_pipeline_role_may_do_nothing_else(small: psycopg.Connection, statement: str) -> None:
    small.execute("SET ROLE crm_sync_pipeline")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        small.execute(statement)
