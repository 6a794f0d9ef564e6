"""The extract keeps its column contract, and contacts who share an address always come together."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from local.crm_data import association, fill, load
from local.crm_sql import SQL, explain_file, run_file

CONTACT_COLUMNS = {
    "contact_id": "int8", "kind": "text", "first_name": "text", "last_name": "text", "organization_name": "text",
    "address": "text", "subject": "text", "do_not_contact": "bool", "lists": "int8[]", "flagged_lists": "int8[]",
}  # fmt: skip
MEMBER_COLUMNS = {
    "contact_id": "int8", "kind": "text", "first_name": "text", "last_name": "text", "organization_name": "text",
    "job_title": "text", "phone": "text", "website": "text", "address_line1": "text", "address_line2": "text",
    "city": "text", "state": "text", "postal_code": "text", "country": "text",
    "address": "text", "subject": "text", "do_not_contact": "bool", "lists": "int8[]", "flagged_lists": "int8[]",
    "statuses": "text[]", "is_related": "bool", "memberships": "jsonb", "organizations": "jsonb",
    "list_memberships": "jsonb",
}  # fmt: skip
CONTRACT: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "snapshot.sql": ({"snapshot": "text", "crm_identity": "text", "now": "timestamptz"}, {}),
    "changed_contacts.sql": ({"contact_id": "int8"}, {"last_snapshot": "100:100:", "since": None, "until": None}),
    "change_log_state.sql": ({"doubt": "text", "installed": "text"}, {}),
    "cursor_is_usable.sql": ({"usable": "bool"}, {"last_snapshot": "100:100:", "crm_identity": "this one"}),
    "lists.sql": ({"list_id": "int8", "name": "text", "kind": "text"}, {}),
    "subscribers_all.sql": (CONTACT_COLUMNS, {}),
    "subscribers_some.sql": (CONTACT_COLUMNS, {"contact_ids": [1], "subjects": []}),
    "members_all.sql": (MEMBER_COLUMNS, {}),
    "members_some.sql": (MEMBER_COLUMNS, {"contact_ids": [1], "subjects": []}),
}
# 5 shares the address of 3, who is in list 1; 6 shares it too and has Do Not Contact; 7 has Do Not Contact on its own;
# 8 has a blank address, 9 has none but is in lists 2 and 3 (off); 10 and 11 have blank addresses, 10 in list 1.
SHARED = """
    INSERT INTO crm.contact (contact_id, do_not_contact) SELECT n, n IN (6, 7, 11) FROM generate_series(5, 11) n;
    UPDATE crm.email_address SET address = ' Couple@Example.org ' WHERE contact_id = 3;
    INSERT INTO crm.email_address (contact_id, address, is_primary) VALUES
        (5, 'couple@example.org', true), (6, 'COUPLE@example.org', true), (7, 'c7@example.org', true),
        (8, '  ', true), (9, 'couple@example.org', false), (10, ' ', true), (11, ' ', true);
    INSERT INTO crm.list_member (list_id, contact_id, do_not_contact) VALUES (2, 9, true), (3, 9, true), (1, 10, false);
"""


@pytest.fixture
def shared(small: psycopg.Connection) -> psycopg.Connection:
    small.execute(SHARED)
    return small


def some(connection: psycopg.Connection, *contact_ids: int, subjects: list[str] | None = None) -> list[int]:
    """The contacts that come with these, sorted; repetitions would show."""
    asked = {"contact_ids": list(contact_ids), "subjects": subjects or []}
    return sorted(row["contact_id"] for row in run_file(connection, "extract/subscribers_some.sql", **asked))


def test_every_extract_file_is_under_contract() -> None:
    assert {path.name for path in (SQL / "extract").iterdir()} == CONTRACT.keys()


@pytest.mark.parametrize("file", CONTRACT)
def test_columns_and_types(small: psycopg.Connection, file: str) -> None:
    columns, parameters = CONTRACT[file]
    cursor = small.execute((SQL / "extract" / file).read_bytes(), parameters)
    assert {column.name: column.type_display for column in cursor.description or []} == columns


@pytest.mark.parametrize("file", CONTRACT)
def test_runs_inside_copy(small: psycopg.Connection, file: str) -> None:
    _, parameters = CONTRACT[file]
    statement = b"COPY (" + (SQL / "extract" / file).read_bytes() + b") TO STDOUT (FORMAT csv, HEADER)"
    with small.cursor().copy(statement, parameters) as copy:
        header = b"".join(copy).decode().splitlines()[0]
    assert header.split(",") == list(CONTRACT[file][0])


@pytest.mark.parametrize("file", CONTRACT)
def test_the_pipeline_role_may_run_it(small: psycopg.Connection, file: str) -> None:
    _, parameters = CONTRACT[file]
    with small.transaction():
        small.execute("SET LOCAL ROLE crm_sync_pipeline")
        run_file(small, f"extract/{file}", **parameters)
        assert small.execute("SELECT current_user").fetchone() == ("crm_sync_pipeline",)


def test_one_contact_as_it_comes(shared: psycopg.Connection) -> None:
    shared.execute(
        "INSERT INTO crm.list_member (list_id, contact_id, do_not_contact) VALUES (2, 3, true), (3, 3, true)"
    )
    rows = {row["contact_id"]: row for row in run_file(shared, "extract/subscribers_all.sql")}
    assert rows[3] == {
        "contact_id": 3, "kind": "individual", "first_name": None, "last_name": "Three", "organization_name": None,
        "address": " Couple@Example.org ", "subject": "couple@example.org", "do_not_contact": False,
        "lists": [1, 2], "flagged_lists": [2],
    }  # fmt: skip
    assert (rows[9]["address"], rows[9]["subject"], rows[9]["lists"], rows[9]["flagged_lists"]) == (
        None,
        None,
        [2],
        [2],
    )
    assert (rows[10]["address"], rows[10]["subject"]) == (" ", None)
    assert (rows[6]["lists"], rows[6]["flagged_lists"]) == ([], [])


def test_everyone_is_who_is_in_a_list_or_forbids_a_shared_address(shared: psycopg.Connection) -> None:
    rows = run_file(shared, "extract/subscribers_all.sql")
    assert sorted(row["contact_id"] for row in rows) == [2, 3, 4, 6, 9, 10]


def test_some_bring_all_who_share_their_address(shared: psycopg.Connection) -> None:
    assert some(shared, 3) == some(shared, 5) == some(shared, 6, 3) == [3, 5, 6]
    assert some(shared, 4) == [4]
    assert some(shared, 1, 7) == [1, 7]


def test_missing_and_blank_addresses_are_not_shared(shared: psycopg.Connection) -> None:
    assert some(shared, 8) == [8]
    assert some(shared, 9) == [9]
    assert some(shared, subjects=["", "couple@example.org"]) == [3, 5, 6]


def test_a_deleted_contact_comes_by_its_subject(shared: psycopg.Connection) -> None:
    shared.execute("DELETE FROM crm.contact WHERE contact_id = 3")
    assert some(shared, 3) == []
    assert some(shared, 3, 4, subjects=["couple@example.org", "nobody@example.org"]) == [4, 5, 6]


def test_some_and_all_agree_on_a_whole_association(connection: psycopg.Connection) -> None:
    tables = fill(connection, contacts=3000)
    connection.execute("UPDATE crm.contact SET do_not_contact = contact_id % 3 = 0")
    ids = tables["contact"]["contact_id"].tolist()
    each = run_file(connection, "extract/subscribers_some.sql", contact_ids=ids, subjects=[])
    assert sorted(row["contact_id"] for row in each) == ids
    in_use = {row["subject"] for row in each if row["lists"] and row["subject"]}
    expected = [row for row in each if row["lists"] or (row["do_not_contact"] and row["subject"] in in_use)]
    everyone = run_file(connection, "extract/subscribers_all.sql")
    assert any(not row["lists"] for row in expected)
    assert sorted(everyone, key=lambda row: row["contact_id"]) == sorted(expected, key=lambda row: row["contact_id"])
    batch = some(connection, *ids[::50])
    assert len(batch) > len(ids[::50])
    assert some(connection, *batch) == batch


def test_a_few_contacts_are_read_by_index_only(connection: psycopg.Connection) -> None:
    tables = association(20_000)
    load(connection, tables)
    plan = explain_file(connection, "extract/subscribers_some.sql", contact_ids=[20, 4000], subjects=["x@example.org"])
    scanned = [line.split(" on ")[1].split()[0] for line in plan.splitlines() if "Seq Scan" in line]
    assert set(scanned) <= {"list"}, plan
    assert "email_address_subject" in plan


def test_lists_are_the_synchronized_ones(small: psycopg.Connection) -> None:
    small.execute("UPDATE crm.list SET kind = 'committee' WHERE list_id = 2")
    assert run_file(small, "extract/lists.sql") == [
        {"list_id": 1, "name": "One", "kind": "list"},
        {"list_id": 2, "name": "Two", "kind": "committee"},
    ]


def test_a_member_comes_with_the_organizations_it_belongs_to(small: psycopg.Connection) -> None:
    rows = run_file(small, "extract/members_some.sql", contact_ids=[2], subjects=[])
    assert sorted(row["contact_id"] for row in rows) == [1, 2]
