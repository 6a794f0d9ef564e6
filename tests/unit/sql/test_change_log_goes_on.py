"""The change log fails none of the CRM's own statements, whatever columns its tables get, and misses none of its
changes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from local.crm_data import create_schema
from local.crm_sql import run_statement

# What somebody adds to the table of contacts → what then changes in contact 3, twice.
COLUMNS = {
    "json": ("extra json", ["'{\"a\": 1}'", "'{\"a\": 2}'"]),
    "point": ("extra point", ["'(1,2)'", "'(1,3)'"]),
    "array of json": ("extra json[]", ["array['1']::json[]", "array['2']::json[]"]),
    "composite": ("extra crm.pair", ["row(1, '{}')", "row(1, '[]')"]),
    "citext": ("extra citext", ["'ann'", "'Ann'"]),
    "numeric that is equal": ("extra numeric", ["1.0", "1.00"]),
    "double precision": ("extra float8", ["1.00000000000001", "1.00000000000002"]),
    "named as ours": ("this_row text, add key text, add cause text, add extra text", ["'a'", "'b'"]),
}  # fmt: skip
VIRTUAL = "alter table crm.contact add shout text generated always as (upper(last_name)) virtual"


def seen(connection: psycopg.Connection, statement: str) -> list[tuple[str, int | None]]:
    """What is logged of a statement, which must go through."""
    connection.execute("truncate crm.change_log")
    connection.execute(statement)
    return connection.execute("select cause, key from crm.change_log").fetchall()


@pytest.fixture
def notices(small: psycopg.Connection) -> list[Any]:
    """What the server tells the session of the CRM."""
    told: list[Any] = []
    small.add_notice_handler(lambda said: told.append((said.severity_nonlocalized, said.message_primary)))
    return told


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_type_is_logged(small: psycopg.Connection, kind: str) -> None:
    column, (first, second) = COLUMNS[kind]
    small.execute("create extension if not exists citext")
    small.execute("create type crm.pair as (a int, b json)")
    small.execute(f"alter table crm.contact add {column}")
    small.execute("set extra_float_digits = -5")
    for value in (first, second):
        assert seen(small, f"update crm.contact set extra = {value} where contact_id = 3") == [("contact", 3)]
    assert seen(small, "update crm.contact set extra = extra") == []
    assert seen(small, "delete from crm.contact where contact_id = 4 and extra is null")[0] == ("contact", 4)


def test_a_column_made_citext_and_one_that_is_dropped_are_no_matter(small: psycopg.Connection) -> None:
    small.execute("create extension if not exists citext")
    small.execute("alter table crm.contact alter first_name type citext, drop column phone")
    small.execute("alter table crm.email_address alter address type citext")
    small.execute("update crm.contact set first_name = 'ann' where contact_id = 3")
    assert seen(small, "update crm.contact set first_name = 'Ann' where contact_id = 3") == [("contact", 3)]
    changed = seen(small, "update crm.email_address set address = 'C3@example.org' where contact_id = 3")
    assert sorted(cause for cause, _ in changed) == ["address", "contact"]


def test_a_virtual_column_is_no_matter(small: psycopg.Connection) -> None:
    if small.info.server_version < 180000:
        pytest.skip("PostgreSQL 18 brought virtual columns")
    small.execute(VIRTUAL)
    assert seen(small, "update crm.contact set last_name = 'Drei' where contact_id = 3") == [("contact", 3)]
    assert seen(small, "update crm.contact set last_name = last_name") == []


def test_rows_that_look_alike_are_counted(small: psycopg.Connection) -> None:
    small.execute("alter table crm.list_member drop constraint list_member_pkey")
    small.execute("alter table crm.list_member alter joined_on drop not null")
    small.execute("insert into crm.list_member (list_id, contact_id, joined_on) values (2, 2, null), (2, 2, null)")
    moved = (
        "update crm.list_member set contact_id = 3 where ctid ="
        " (select min(ctid) from crm.list_member where contact_id = 2 and list_id = 2)"
    )
    assert sorted(seen(small, moved)) == [("contact", 2), ("contact", 3)]


def test_an_error_in_the_log_means_everything(small: psycopg.Connection) -> None:
    small.execute("alter table crm.change_log add check (cause <> 'contact') not valid")
    assert seen(small, "update crm.contact set city = 'Boise' where contact_id = 3") == [("everything", None)]
    assert small.execute("select city from crm.contact where contact_id = 3").fetchone() == ("Boise",)


def test_a_log_that_is_gone_is_a_warning_and_no_error(small: psycopg.Connection, notices: list[Any]) -> None:
    small.execute("drop table crm.change_log")
    small.execute("update crm.contact set city = 'Boise' where contact_id = 3")
    assert small.execute("select city from crm.contact where contact_id = 3").fetchone() == ("Boise",)
    assert [severity for severity, _ in notices] == ["WARNING"]
    assert "Boise" not in notices[0][1]


def test_a_query_cancelled_while_the_log_waits_ends_as_it_should(small: psycopg.Connection, crm: str) -> None:
    with psycopg.connect(crm) as other:
        other.execute("lock table crm.change_log in access exclusive mode")
        small.execute("set statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            small.execute("update crm.contact set city = 'Boise' where contact_id = 3")
    assert small.execute("select city from crm.contact where contact_id = 3").fetchone() == (None,)


def test_a_truncated_table_means_everything(small: psycopg.Connection) -> None:
    assert seen(small, "truncate crm.relationship") == [("everything", None)]


def logged(connection: psycopg.Connection) -> list[tuple[str]]:
    return connection.execute("select cause from crm.change_log").fetchall()


@pytest.mark.parametrize(
    "harm",
    [
        "alter table crm.list disable trigger log_update",
        "drop trigger log_delete on crm.membership",
        "alter table crm.contact disable trigger all; alter table crm.contact enable trigger all",
    ],
)
def test_installing_the_log_where_a_trigger_was_off_means_everything_once(small: psycopg.Connection, harm: str) -> None:
    create_schema(small)
    assert logged(small) == []
    small.execute(harm)
    create_schema(small)
    assert logged(small) == [("everything",)]
    create_schema(small)
    assert logged(small) == [("everything",)]


def test_a_log_of_an_earlier_release_is_replaced(small: psycopg.Connection) -> None:
    small.execute("drop table crm.change_log, crm.change_log_horizon")
    small.execute("create table crm.change_log (contact_id bigint not null, xid xid8 not null default '9', at date)")
    small.execute("create table crm.change_log_horizon (only_row boolean, pruned_xid xid8)")
    small.execute("insert into crm.change_log (contact_id) values (3)")
    small.execute("alter table crm.contact enable trigger log_insert")
    before = run_statement(small, "crm/extract/snapshot")[0]["crm_identity"]
    create_schema(small)
    assert logged(small) == [("everything",)]
    assert seen(small, "update crm.contact set city = 'Boise' where contact_id = 3") == [("contact", 3)]
    assert run_statement(small, "crm/extract/snapshot")[0]["crm_identity"] != before
