"""Whether the change log can be believed: its triggers are all there and always fire, and nothing goes past them."""

from __future__ import annotations

import psycopg
import pytest

from local.crm_data import create_schema
from local.crm_sql import run_statement

NAMES = ["log_insert", "log_update", "log_delete", "log_truncate"]
SILENT = {
    "one disabled": ("alter table crm.contact disable trigger log_update", "contact.log_update"),
    "all disabled": ("alter table crm.list disable trigger all", "list.log_delete, list.log_insert"),
    "disabled and enabled again": (
        "alter table crm.contact disable trigger user; alter table crm.contact enable trigger user",
        "contact.log_update",
    ),
    "on the replica alone": ("alter table crm.membership enable replica trigger log_insert", "membership.log_insert"),
    "dropped": ("drop trigger log_truncate on crm.relationship", "relationship.log_truncate"),
    "a table renamed": ("alter table crm.list_member rename to member", "list_member.log_delete"),
    "conditional": (
        "create or replace trigger log_truncate before truncate on crm.list for each statement"
        " when (session_user = 'nobody') execute function crm.log_change();"
        " alter table crm.list enable always trigger log_truncate",
        "list.log_truncate",
    ),
    "of some columns": (
        "drop trigger log_update on crm.list; create trigger log_update after update of name on crm.list"
        " for each statement execute function crm.log_change();"
        " alter table crm.list enable always trigger log_update",
        "list.log_update",
    ),
    "of another function": (
        "create function crm.nothing() returns trigger language plpgsql as 'begin return null; end';"
        " create or replace trigger log_delete after delete on crm.contact for each statement"
        " execute function crm.nothing(); alter table crm.contact enable always trigger log_delete",
        "contact.log_delete",
    ),
    "a child table": ("create table crm.former () inherits (crm.contact)", "contact with partitions or child tables"),
}
UNNOTICED = {
    "disabled and enabled always again": (
        "alter table crm.contact disable trigger log_update;"
        " alter table crm.contact enable always trigger log_update"
    ),
    "dropped and made again": "alter table crm.list disable trigger log_update; reinstall",
    "a column rewritten": "alter table crm.contact alter first_name type text using upper(first_name)",
    "the function replaced": "alter function crm.log_change() cost 2",
}  # fmt: skip


def state(connection: psycopg.Connection) -> tuple[str | None, str]:
    row = run_statement(connection, "crm/extract/change_log_state")[0]
    return row["doubt"], row["installed"]


def test_a_log_that_was_installed_is_believed_and_stays_the_same(small: psycopg.Connection) -> None:
    doubt, installed = state(small)
    assert doubt is None
    small.execute("update crm.contact set city = 'Boise'")
    small.execute("vacuum (freeze, analyze)")
    assert state(small) == (None, installed)


@pytest.mark.parametrize("how", SILENT)
def test_what_silences_the_log_is_named(small: psycopg.Connection, how: str) -> None:
    harm, named = SILENT[how]
    small.execute(harm)
    doubt, _ = state(small)
    assert doubt is not None
    assert named in doubt


@pytest.mark.parametrize("how", UNNOTICED)
def test_what_was_mended_by_now_has_left_a_trace(small: psycopg.Connection, how: str) -> None:
    doubt, before = state(small)
    harm, _, reinstalled = UNNOTICED[how].partition("; reinstall")
    small.execute(harm)
    if reinstalled or UNNOTICED[how].endswith("reinstall"):
        create_schema(small)
    doubt, after = state(small)
    assert doubt is None
    assert after != before


def test_a_session_that_plays_the_replica_is_logged(small: psycopg.Connection) -> None:
    small.execute("set session_replication_role = replica")
    small.execute("update crm.contact set do_not_contact = true where contact_id = 3")
    small.execute("truncate crm.relationship")
    causes = small.execute("select cause, key from crm.change_log order by cause").fetchall()
    assert causes == [("contact", 3), ("everything", None)]


def test_a_table_that_a_subscription_feeds_is_not_believed(small: psycopg.Connection) -> None:
    small.execute("create subscription fed connection 'dbname=none' publication p with (connect = false)")
    small.execute(
        "insert into pg_subscription_rel (srsubid, srrelid, srsubstate)"
        " select oid, 'crm.contact'::regclass, 'r' from pg_subscription where subname = 'fed'"
    )
    try:
        doubt, _ = state(small)
        assert doubt == "contact fed by logical replication"
    finally:
        small.execute("delete from pg_subscription_rel")
        small.execute("alter subscription fed set (slot_name = none)")
        small.execute("drop subscription fed")


def test_a_table_of_another_owner_is_logged_too(small: psycopg.Connection) -> None:
    with small.transaction(force_rollback=True):
        small.execute("create role crm_application")
        small.execute("grant usage, create on schema crm to crm_application")
        small.execute("alter table crm.contact owner to crm_application")
        small.execute("set local role crm_application")
        small.execute("update crm.contact set city = 'Boise' where contact_id = 3")
        small.execute("reset role")
        assert small.execute("select cause, key from crm.change_log").fetchall() == [("contact", 3)]
        assert state(small)[0] is None
