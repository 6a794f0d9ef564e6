"""The extract keeps its column contract, and contacts who share an address always come together."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from crm_sync.ledger import statements
from crm_sync.ledger.statements import contract, statement
from crm_sync.pipeline.extract import CONTACT_COLUMNS as CONTACT_COLUMNS_OF
from local.crm_data import association, fill, load
from local.crm_sql import explain_bound, explain_statement, run_statement

CONTACT_COLUMNS = {
    "contact_id": "int8", "kind": "text", "first_name": "text", "last_name": "text", "organization_name": "text",
    "address": "text", "subscriber_key": "text", "do_not_contact": "bool", "lists": "int8[]", "flagged_lists": "int8[]",
}  # fmt: skip
MEMBER_COLUMNS = {
    "contact_id": "int8", "kind": "text", "first_name": "text", "last_name": "text", "organization_name": "text",
    "job_title": "text", "phone": "text", "website": "text", "address_line1": "text", "address_line2": "text",
    "city": "text", "state": "text", "postal_code": "text", "country": "text",
    "address": "text", "subscriber_key": "text", "do_not_contact": "bool", "lists": "int8[]", "flagged_lists": "int8[]",
    "statuses": "text[]", "is_related": "bool", "memberships": "jsonb", "organizations": "jsonb",
    "list_memberships": "jsonb",
}  # fmt: skip
EVERYBODY = {"contact_ids": None, "subscriber_keys": None}
SOME = {"contact_ids": [1], "subscriber_keys": []}
SINCE = {"last_snapshot": "100:100:", "since": None, "until": None}
CURSOR = {"last_snapshot": "100:100:", "crm_identity": "this one"}
CONTRACT: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("snapshot", {"snapshot": "text", "crm_identity": "text", "now": "timestamptz"}, {}),
    ("changed_contacts", {"contact_id": "int8"}, SINCE),
    ("change_log_state", {"doubt": "text", "installed": "text"}, {}),
    ("cursor_is_usable", {"usable": "bool"}, CURSOR),
    ("lists", {"list_id": "int8", "name": "text", "kind": "text"}, {}),
    ("subscribers", CONTACT_COLUMNS, EVERYBODY),
    ("subscribers", CONTACT_COLUMNS, SOME),
    ("members", MEMBER_COLUMNS, EVERYBODY),
    ("members", MEMBER_COLUMNS, SOME),
]
each_statement = pytest.mark.parametrize(("name", "columns", "parameters"), CONTRACT)
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


def some(connection: psycopg.Connection, *contact_ids: int, subscriber_keys: list[str] | None = None) -> list[int]:
    """The contacts that come with these, sorted; repetitions would show."""
    asked = {"contact_ids": list(contact_ids), "subscriber_keys": subscriber_keys or []}
    return sorted(row["contact_id"] for row in run_statement(connection, "crm/extract/subscribers", **asked))


def test_every_statement_of_the_extract_is_under_contract() -> None:
    path = statements.SQL / "crm/reference/extract.sql"
    assert statements.statements_in(path, "").keys() == {name for name, *_ in CONTRACT}


@each_statement
def test_columns_and_types(
    small: psycopg.Connection, name: str, columns: dict[str, str], parameters: dict[str, Any]
) -> None:
    cursor = small.execute(statement(f"crm/extract/{name}").encode(), parameters)
    assert {column.name: column.type_display for column in cursor.description or []} == columns
    assert contract(f"crm/extract/{name}").columns == tuple(columns)


@each_statement
def test_runs_inside_copy(
    small: psycopg.Connection, name: str, columns: dict[str, str], parameters: dict[str, Any]
) -> None:
    copied = b"COPY (" + statement(f"crm/extract/{name}").encode() + b") TO STDOUT (FORMAT csv, HEADER)"
    with small.cursor().copy(copied, parameters) as copy:
        header = b"".join(copy).decode().splitlines()[0]
    assert header.split(",") == list(columns)


@each_statement
def test_the_pipeline_role_may_run_it(
    small: psycopg.Connection, name: str, columns: dict[str, str], parameters: dict[str, Any]
) -> None:
    with small.transaction():
        small.execute("SET LOCAL ROLE crm_sync_pipeline")
        run_statement(small, f"crm/extract/{name}", **parameters)
        assert small.execute("SELECT current_user").fetchone() == ("crm_sync_pipeline",)


@pytest.mark.parametrize("audience", CONTACT_COLUMNS_OF)
def test_what_the_pipeline_requires_of_contacts_is_what_the_contract_says(audience: str) -> None:
    assert set(CONTACT_COLUMNS_OF[audience]) == set(contract(f"crm/extract/{audience}").columns)


def test_one_contact_as_it_comes(shared: psycopg.Connection) -> None:
    shared.execute(
        "INSERT INTO crm.list_member (list_id, contact_id, do_not_contact) VALUES (2, 3, true), (3, 3, true)"
    )
    rows = {row["contact_id"]: row for row in run_statement(shared, "crm/extract/subscribers", **EVERYBODY)}
    assert rows[3] == {
        "contact_id": 3, "kind": "individual", "first_name": None, "last_name": "Three", "organization_name": None,
        "address": " Couple@Example.org ", "subscriber_key": "couple@example.org", "do_not_contact": False,
        "lists": [1, 2], "flagged_lists": [2],
    }  # fmt: skip
    assert (rows[9]["address"], rows[9]["subscriber_key"], rows[9]["lists"], rows[9]["flagged_lists"]) == (
        None,
        None,
        [2],
        [2],
    )
    assert (rows[10]["address"], rows[10]["subscriber_key"]) == (" ", None)
    assert (rows[6]["lists"], rows[6]["flagged_lists"]) == ([], [])


def test_everyone_is_who_is_in_a_list_or_forbids_a_shared_address(shared: psycopg.Connection) -> None:
    rows = run_statement(shared, "crm/extract/subscribers", **EVERYBODY)
    assert sorted(row["contact_id"] for row in rows) == [2, 3, 4, 6, 9, 10]


def test_some_bring_all_who_share_their_address(shared: psycopg.Connection) -> None:
    assert some(shared, 3) == some(shared, 5) == some(shared, 6, 3) == [3, 5, 6]
    assert some(shared, 4) == [4]
    assert some(shared, 1, 7) == [1, 7]


def test_missing_and_blank_addresses_are_not_shared(shared: psycopg.Connection) -> None:
    assert some(shared, 8) == [8]
    assert some(shared, 9) == [9]
    assert some(shared, subscriber_keys=["", "couple@example.org"]) == [3, 5, 6]


def test_a_deleted_contact_comes_by_its_subject(shared: psycopg.Connection) -> None:
    shared.execute("DELETE FROM crm.contact WHERE contact_id = 3")
    assert some(shared, 3) == []
    assert some(shared, 3, 4, subscriber_keys=["couple@example.org", "nobody@example.org"]) == [4, 5, 6]


def test_some_and_all_agree_on_a_whole_association(connection: psycopg.Connection) -> None:
    tables = fill(connection, contacts=3000)
    connection.execute("UPDATE crm.contact SET do_not_contact = contact_id % 3 = 0")
    ids = tables["contact"]["contact_id"].tolist()
    each = run_statement(connection, "crm/extract/subscribers", contact_ids=ids, subscriber_keys=[])
    assert sorted(row["contact_id"] for row in each) == ids
    in_use = {row["subscriber_key"] for row in each if row["lists"] and row["subscriber_key"]}
    expected = [row for row in each if row["lists"] or (row["do_not_contact"] and row["subscriber_key"] in in_use)]
    everyone = run_statement(connection, "crm/extract/subscribers", **EVERYBODY)
    assert any(not row["lists"] for row in expected)
    assert sorted(everyone, key=lambda row: row["contact_id"]) == sorted(expected, key=lambda row: row["contact_id"])
    batch = some(connection, *ids[::50])
    assert len(batch) > len(ids[::50])
    assert some(connection, *batch) == batch


@pytest.mark.parametrize(
    ("audience", "subscriber_key", "small_tables"),
    [("subscribers", "x@example.org", {"list"}), ("members", "4001", {"list", "membership_type"})],
)
@pytest.mark.parametrize("is_analyzed", [True, False])
def test_a_few_contacts_are_read_by_index_only(
    audience: str, subscriber_key: str, small_tables: set[str], is_analyzed: bool, connection: psycopg.Connection
) -> None:
    load(connection, association(20_000))
    if is_analyzed:
        connection.execute("ANALYZE")
    asked = {"contact_ids": [20, 4000], "subscriber_keys": [subscriber_key]}
    for plan in (
        explain_statement(connection, f"crm/extract/{audience}", **asked),
        explain_bound(connection, f"crm/extract/{audience}", **asked),
    ):
        scanned = [line.split(" on ")[1].split()[0] for line in plan.splitlines() if "Seq Scan" in line]
        assert set(scanned) <= small_tables, plan
        assert "Index Scan using contact_pkey" in plan or "Bitmap Index Scan on contact_pkey" in plan


def test_lists_are_the_synchronized_ones(small: psycopg.Connection) -> None:
    small.execute("UPDATE crm.list SET kind = 'committee' WHERE list_id = 2")
    assert run_statement(small, "crm/extract/lists") == [
        {"list_id": 1, "name": "One", "kind": "list"},
        {"list_id": 2, "name": "Two", "kind": "committee"},
    ]


def test_a_member_comes_with_the_organizations_it_belongs_to(small: psycopg.Connection) -> None:
    rows = run_statement(small, "crm/extract/members", contact_ids=[2], subscriber_keys=[])
    assert sorted(row["contact_id"] for row in rows) == [1, 2]
