"""What CiviCRM's tables mean, on a real MariaDB. The real system was not run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from mariadb.civicrm import MEMBERS, SUBSCRIBERS, Tables, do, read


@pytest.mark.parametrize(
    "sign",
    [
        "update civicrm_contact set do_not_email = 1 where id = 1",
        "update civicrm_contact set is_opt_out = 1 where id = 1",
        "update civicrm_contact set is_deceased = 1 where id = 1",
        "update civicrm_email set on_hold = 1 where contact_id = 1",
        "update civicrm_email set on_hold = 2 where contact_id = 1",
    ],
)
def test_each_sign_of_civicrm_is_do_not_contact(tables: Tables, sign: str) -> None:
    assert not read(tables, SUBSCRIBERS)[1].do_not_contact
    tables.crm_do(sign)
    assert read(tables, SUBSCRIBERS)[1].do_not_contact
    assert read(tables, MEMBERS)[1].do_not_contact


@pytest.mark.parametrize(
    ("change", "who"),
    [
        ("update civicrm_contact set is_deleted = 1 where id = 1", {2}),
        ("update civicrm_contact set contact_type = 'Household' where id = 1", {2}),
        ("delete from civicrm_contact where id = 1", {2}),
        ("update civicrm_group_contact set status = 'Pending' where contact_id = 1", {2}),
        ("update civicrm_group set saved_search_id = 5", set()),
        ("update civicrm_group set is_active = 0", set()),
        ("update civicrm_group set is_hidden = 1", set()),
        ("update civicrm_group set group_type = concat(char(1), '1', char(1))", set()),
        ("update civicrm_group set group_type = concat(char(1), '12', char(1))", set()),
        ("update civicrm_group set group_type = null", set()),
    ],
)
def test_who_is_in_no_list_is_not_read(tables: Tables, change: str, who: set[int]) -> None:
    assert set(read(tables, SUBSCRIBERS)) == {1, 2}
    tables.crm_do(change)
    assert set(read(tables, SUBSCRIBERS)) == who


def test_a_contact_has_one_address(tables: Tables) -> None:
    def address() -> object:
        return read(tables, SUBSCRIBERS)[1].address

    do(tables, "insert into civicrm_email (contact_id, email, is_primary) values (1, 'later@example.org', 1);\n")
    assert address() == "ann@example.org"
    do(tables, "insert into civicrm_email (contact_id, email, is_bulkmail) values (1, 'bulk@example.org', 1);\n")
    assert address() == "bulk@example.org"
    tables.crm_do("update civicrm_email set email = '  ' where is_bulkmail = 1")
    assert address() == "ann@example.org"
    tables.crm_do("delete from civicrm_email where contact_id = 1")
    assert address() is None


@pytest.mark.parametrize(
    ("written", "others"),
    [(" ANN@Example.ORG", True), ("\u1e9e@example.org", True), ("ann@example.com", False)],
)
def test_those_who_share_an_address_are_read_together(tables: Tables, written: str, others: bool) -> None:
    """The collations of MariaDB that are older do not know that a capital sharp s is one."""
    do(
        tables,
        "update civicrm_email set email = 'ß@example.org' where contact_id = 1;\n" if "\u1e9e" in written else "",
    )
    tables.crm_do("update civicrm_email set email = %s where contact_id = 3", written)
    assert set(read(tables, SUBSCRIBERS, contact_ids=[3], subscriber_keys=[])) == ({1, 3} if others else {3})
    key = written.strip().lower()
    assert 3 in read(tables, SUBSCRIBERS, contact_ids=[], subscriber_keys=[key])
    tables.crm_do("update civicrm_contact set is_opt_out = 1 where id = 3")
    assert set(read(tables, SUBSCRIBERS)) == ({1, 2, 3} if others else {1, 2})


def test_addresses_that_a_collation_calls_equal_are_two_peoples(tables: Tables) -> None:
    tables.crm_do("update civicrm_email set email = 'änn@example.org' where contact_id = 2")
    keys = {row.subscriber_key for row in read(tables, SUBSCRIBERS).values()}
    assert keys == {"ann@example.org", "änn@example.org"}


@pytest.mark.parametrize(
    ("status", "said"),
    [(1, "active"), (2, "active"), (3, "active"), (4, "dropped"), (5, "prospective"), (6, "dropped")],
)
def test_a_status_is_as_civicrm_counts_it(tables: Tables, status: int, said: str) -> None:
    tables.crm_do("update civicrm_membership set status_id = %s", status)
    assert read(tables, MEMBERS)[1].statuses == [said]
    tables.crm_do("update civicrm_membership set is_test = 1")
    assert read(tables, MEMBERS)[1].statuses == []


@pytest.mark.parametrize(
    ("written", "said"),
    [("2020-02-29", "2020-02-29"), ("0000-00-00", None), ("2020-00-00", None), ("2020-05-00", None), (None, None)],
)
def test_an_incomplete_date_is_none(tables: Tables, written: str | None, said: str | None) -> None:
    with tables.crm.engine.begin() as writing:
        writing.exec_driver_sql("set sql_mode = ''")
        writing.exec_driver_sql("update civicrm_membership set join_date = %s, end_date = %s", (written, written))
    (membership,) = json.loads(read(tables, MEMBERS)[1].memberships)
    assert (membership["since"], membership["until"]) == (said, said)
    assert (membership["type"], membership["organization_id"]) == ("Full", None)


EMPLOY = """
    insert into civicrm_contact (id, contact_type, organization_name) values (9, 'Organization', 'The "Nine" \\\\ Co');
    update civicrm_contact set employer_id = 9, job_title = 'Clerk' where id = 1;
    insert into civicrm_relationship (contact_id_a, contact_id_b, relationship_type_id) values (1, 9, 2);
    insert into civicrm_relationship (contact_id_a, contact_id_b, relationship_type_id) values (2, 9, 1);
"""


def test_an_employer_is_an_organization_of_its_people(tables: Tables) -> None:
    do(tables, EMPLOY)
    there = read(tables, MEMBERS)
    named = {"organization_id": 9, "name": 'The "Nine" \\ Co', "title": "Clerk", "is_primary": True}
    assert json.loads(there[1].organizations) == [named]
    assert json.loads(there[2].organizations) == []
    assert (there[9].kind, there[9].is_related, there[1].is_related) == ("organization", True, False)
    assert set(read(tables, MEMBERS, contact_ids=[1], subscriber_keys=[])) == {1, 9}
    assert set(read(tables, MEMBERS, contact_ids=[], subscriber_keys=["2"])) == {2}


@pytest.mark.parametrize(
    ("column", "days", "is_employed"),
    [("start_date", 2, False), ("start_date", -2, True), ("end_date", -2, False), ("end_date", 2, True)],
)
def test_an_employment_ends_by_its_date_alone(tables: Tables, column: str, days: int, is_employed: bool) -> None:
    do(tables, EMPLOY)
    tables.crm_do(f"update civicrm_relationship set {column} = %s", datetime.now(UTC).date() + timedelta(days=days))
    assert bool(json.loads(read(tables, MEMBERS)[1].organizations)) is is_employed


def test_a_membership_that_is_passed_on_names_its_owner(tables: Tables) -> None:
    do(tables, EMPLOY)
    do(tables, "insert into civicrm_membership (id, contact_id, membership_type_id, status_id) values (7, 9, 1, 1);\n")
    do(
        tables,
        "insert into civicrm_membership (contact_id, membership_type_id, status_id, owner_membership_id)"
        " values (2, 1, 1, 7);\n",
    )
    (passed_on,) = json.loads(read(tables, MEMBERS)[2].memberships)
    assert passed_on["organization_id"] == 9
    tables.crm_do("delete from civicrm_membership where id = 7")  # by a foreign key, the owner is none
    assert json.loads(read(tables, MEMBERS)[2].memberships)[0]["organization_id"] is None


def test_people_are_found_on_the_page(tables: Tables) -> None:
    with tables.crm.transaction() as crm:
        crm.run("session/limit_time")
        for asked in ({"name": "ann a"}, {"subscriber_key": "ann@example.org"}, {"contact_id": 1}):
            given = {"contact_id": None, "subscriber_key": None, "name": None, **asked}
            assert [row.contact_id for row in crm.rows("crm/sync_page/find_people", **given)] == [1]
        (group,) = crm.rows("crm/sync_page/lists_of", contact_id=1)
        assert tuple(group) == (1, "News", True, False)
        (found,) = crm.rows("crm/sync_page/people", contact_ids=[2])
        assert tuple(found) == (2, "Bob B", "bob@example.org")
