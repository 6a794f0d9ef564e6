"""CiviCRM on a real MariaDB: what its tables mean, and opt-outs by its API. The real system was not run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from contract import sources as ways
from contract import worlds
from crm_sync.contract import Credentials
from crm_sync.crms import connect
from crm_sync.errors import DisconnectedError, TransientError
from crm_sync.ledger import sources, statements
from crm_sync.pipeline.extract import EVERYBODY
from local.civicrm_api import KEY, CivicrmApi
from local.world import QUICK, World
from standins import Fresh

TOLD = ways.told("civicrm")
SUBSCRIBERS, MEMBERS = "crm/extract/subscribers", "crm/extract/members"


@pytest.fixture
def world(request: pytest.FixtureRequest, fresh_standin: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three people of CiviCRM, not brought across yet."""
    monkeypatch.setenv(sources.SETTING, "civicrm")
    statements.forget()
    crm, standin = ways.made(request, "civicrm"), fresh_standin("mailchimp")
    with worlds.world(request.getfixturevalue("postgres"), crm, standin, "mailchimp") as made:
        do(made, TOLD.SETTLED)
        yield made
    monkeypatch.undo()
    statements.forget()


@pytest.fixture
def site(request: pytest.FixtureRequest, world: World) -> Iterator[CivicrmApi]:
    with TOLD.api(request, world) as made:
        yield made


def do(world: World, text: str) -> None:
    for statement in filter(str.strip, text.split(";\n")):
        world.crm_do(statement)


def read(world: World, name: str, **asked: Any) -> dict[int, Any]:
    with world.crm.transaction() as crm:
        return {row.contact_id: row for row in crm.rows(name, **{**EVERYBODY, **asked})}


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
def test_each_sign_of_civicrm_is_do_not_contact(world: World, sign: str) -> None:
    assert not read(world, SUBSCRIBERS)[1].do_not_contact
    world.crm_do(sign)
    assert read(world, SUBSCRIBERS)[1].do_not_contact
    assert read(world, MEMBERS)[1].do_not_contact


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
def test_who_is_in_no_list_is_not_read(world: World, change: str, who: set[int]) -> None:
    assert set(read(world, SUBSCRIBERS)) == {1, 2}
    world.crm_do(change)
    assert set(read(world, SUBSCRIBERS)) == who


def test_a_contact_has_one_address(world: World) -> None:
    def address() -> object:
        return read(world, SUBSCRIBERS)[1].address

    do(world, "insert into civicrm_email (contact_id, email, is_primary) values (1, 'later@example.org', 1);\n")
    assert address() == "ann@example.org"
    do(world, "insert into civicrm_email (contact_id, email, is_bulkmail) values (1, 'bulk@example.org', 1);\n")
    assert address() == "bulk@example.org"
    world.crm_do("update civicrm_email set email = '  ' where is_bulkmail = 1")
    assert address() == "ann@example.org"
    world.crm_do("delete from civicrm_email where contact_id = 1")
    assert address() is None


@pytest.mark.parametrize(
    ("written", "others"),
    [(" ANN@Example.ORG", True), ("\u1e9e@example.org", True), ("ann@example.com", False)],
)
def test_those_who_share_an_address_are_read_together(world: World, written: str, others: bool) -> None:
    """The collations of MariaDB that are older do not know that a capital sharp s is one."""
    do(world, "update civicrm_email set email = 'ß@example.org' where contact_id = 1;\n" if "\u1e9e" in written else "")
    world.crm_do("update civicrm_email set email = %s where contact_id = 3", written)
    assert set(read(world, SUBSCRIBERS, contact_ids=[3], subscriber_keys=[])) == ({1, 3} if others else {3})
    key = written.strip().lower()
    assert 3 in read(world, SUBSCRIBERS, contact_ids=[], subscriber_keys=[key])
    world.crm_do("update civicrm_contact set is_opt_out = 1 where id = 3")
    assert set(read(world, SUBSCRIBERS)) == ({1, 2, 3} if others else {1, 2})


def test_addresses_that_a_collation_calls_equal_are_two_peoples(world: World) -> None:
    world.crm_do("update civicrm_email set email = 'änn@example.org' where contact_id = 2")
    keys = {row.subscriber_key for row in read(world, SUBSCRIBERS).values()}
    assert keys == {"ann@example.org", "änn@example.org"}


@pytest.mark.parametrize(
    ("status", "said"),
    [(1, "active"), (2, "active"), (3, "active"), (4, "dropped"), (5, "prospective"), (6, "dropped")],
)
def test_a_status_is_as_civicrm_counts_it(world: World, status: int, said: str) -> None:
    world.crm_do("update civicrm_membership set status_id = %s", status)
    assert read(world, MEMBERS)[1].statuses == [said]
    world.crm_do("update civicrm_membership set is_test = 1")
    assert read(world, MEMBERS)[1].statuses == []


@pytest.mark.parametrize(
    ("written", "said"),
    [("2020-02-29", "2020-02-29"), ("0000-00-00", None), ("2020-00-00", None), ("2020-05-00", None), (None, None)],
)
def test_an_incomplete_date_is_none(world: World, written: str | None, said: str | None) -> None:
    with world.crm.engine.begin() as writing:
        writing.exec_driver_sql("set sql_mode = ''")
        writing.exec_driver_sql("update civicrm_membership set join_date = %s, end_date = %s", (written, written))
    (membership,) = json.loads(read(world, MEMBERS)[1].memberships)
    assert (membership["since"], membership["until"]) == (said, said)
    assert (membership["type"], membership["organization_id"]) == ("Full", None)


EMPLOY = """
    insert into civicrm_contact (id, contact_type, organization_name) values (9, 'Organization', 'The "Nine" \\\\ Co');
    update civicrm_contact set employer_id = 9, job_title = 'Clerk' where id = 1;
    insert into civicrm_relationship (contact_id_a, contact_id_b, relationship_type_id) values (1, 9, 2);
    insert into civicrm_relationship (contact_id_a, contact_id_b, relationship_type_id) values (2, 9, 1);
"""


def test_an_employer_is_an_organization_of_its_people(world: World) -> None:
    do(world, EMPLOY)
    there = read(world, MEMBERS)
    named = {"organization_id": 9, "name": 'The "Nine" \\ Co', "title": "Clerk", "is_primary": True}
    assert json.loads(there[1].organizations) == [named]
    assert json.loads(there[2].organizations) == []
    assert (there[9].kind, there[9].is_related, there[1].is_related) == ("organization", True, False)
    assert set(read(world, MEMBERS, contact_ids=[1], subscriber_keys=[])) == {1, 9}
    assert set(read(world, MEMBERS, contact_ids=[], subscriber_keys=["2"])) == {2}


@pytest.mark.parametrize(
    ("column", "days", "is_employed"),
    [("start_date", 2, False), ("start_date", -2, True), ("end_date", -2, False), ("end_date", 2, True)],
)
def test_an_employment_ends_by_its_date_alone(world: World, column: str, days: int, is_employed: bool) -> None:
    do(world, EMPLOY)
    world.crm_do(f"update civicrm_relationship set {column} = %s", datetime.now(UTC).date() + timedelta(days=days))
    assert bool(json.loads(read(world, MEMBERS)[1].organizations)) is is_employed


def test_a_membership_that_is_passed_on_names_its_owner(world: World) -> None:
    do(world, EMPLOY)
    do(world, "insert into civicrm_membership (id, contact_id, membership_type_id, status_id) values (7, 9, 1, 1);\n")
    do(
        world,
        "insert into civicrm_membership (contact_id, membership_type_id, status_id, owner_membership_id)"
        " values (2, 1, 1, 7);\n",
    )
    (passed_on,) = json.loads(read(world, MEMBERS)[2].memberships)
    assert passed_on["organization_id"] == 9
    world.crm_do("delete from civicrm_membership where id = 7")  # by a foreign key, the owner is none
    assert json.loads(read(world, MEMBERS)[2].memberships)[0]["organization_id"] is None


def test_people_are_found_on_the_page(world: World) -> None:
    with world.crm.transaction() as crm:
        for asked in ({"name": "ann a"}, {"subscriber_key": "ann@example.org"}, {"contact_id": 1}):
            given = {"contact_id": None, "subscriber_key": None, "name": None, **asked}
            assert [row.contact_id for row in crm.rows("crm/sync_page/find_people", **given)] == [1]
        (group,) = crm.rows("crm/sync_page/lists_of", contact_id=1)
        assert tuple(group) == (1, "News", True, False)
        (found,) = crm.rows("crm/sync_page/people", contact_ids=[2])
        assert tuple(found) == (2, "Bob B", "bob@example.org")


def test_an_opt_out_that_the_site_refuses_is_kept_and_tried_again(world: World, site: CivicrmApi) -> None:
    world.run()
    site.refuses = lambda contact_id: contact_id == 1
    people(world, "unsubscribe", address="ann@example.org")
    people(world, "unsubscribe", address="bob@example.org")
    world.run()
    assert [bool(flag) for _, flag in world.crm_do(TOLD.FLAGS)] == [False, True]
    assert world.query("select reason from crm_sync.unwritten_opt_out") == [("crm_refused:api",)]
    site.refuses = lambda _: False
    world.run()
    assert [bool(flag) for _, flag in world.crm_do(TOLD.FLAGS)] == [True, True]
    assert world.query("select reason from crm_sync.unwritten_opt_out") == []


def people(world: World, action: str, **told: str) -> None:
    requests.post(f"{world.provider_url}/_standin/state", json={"action": action, **told}, timeout=30)


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, DisconnectedError), (401, DisconnectedError), (503, TransientError), (500, TransientError)],
)
def test_a_site_that_is_away_stops_the_run_and_loses_nothing(
    world: World, site: CivicrmApi, status: int, error: type[Exception]
) -> None:
    world.run()
    people(world, "unsubscribe", address="ann@example.org")
    site.status = status
    with pytest.raises(error):
        world.run()
    site.status = 0
    world.run()
    assert [bool(flag) for _, flag in world.crm_do(TOLD.FLAGS)] == [True, False]


def test_a_wrong_key_is_said(site: CivicrmApi) -> None:
    connect("civicrm", site.url, Credentials(KEY), QUICK).refuse([])
    with pytest.raises(DisconnectedError, match="refused the key"):
        connect("civicrm", site.url, Credentials("another"), QUICK).refuse([])


def test_many_are_refused_in_parts(world: World, site: CivicrmApi) -> None:
    do(world, "insert into civicrm_contact (id, contact_type) select seq, 'Individual' from seq_1000_to_1449;\n")
    do(
        world,
        "insert into civicrm_group_contact (group_id, contact_id, status) select 1, seq, 'Added' from"
        " seq_1000_to_1449;\n",
    )
    connect("civicrm", site.url, Credentials(KEY), QUICK).refuse([(who, 1) for who in range(1000, 1450)])
    assert len(site.calls) == 3
    assert world.crm_do("select status, count(*) from civicrm_group_contact group by 1 order by 1") == [
        ("Added", 2),
        ("Removed", 450),
    ]
