"""Runs on CiviCRM, and opt-outs by its API. The real system was not run."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sqlalchemy import event

from crm_sync.contract import Credentials
from crm_sync.crms import connect
from crm_sync.errors import ConfigError, DisconnectedError, TransientError
from local.civicrm_api import KEY, CivicrmApi
from local.world import QUICK, World
from mariadb.civicrm import TOLD, do


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


def test_without_anything_that_takes_opt_outs_no_run_begins(world: World) -> None:
    world.connect_writer = None
    with pytest.raises(ConfigError, match=r"CiviCRM by SQL; name the module of its API as api in source\.toml"):
        world.begin("changes")
    assert world.begin("changes", dry_run=True).run.dry_run


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


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        # By a foreign key, which fires no trigger and moves no timestamp.
        ("delete from civicrm_contact where id = 1", {"contacts": 0}),
        ("delete from civicrm_group where id = 1", {"lists": 0}),
        # What its collation calls equal.
        ("update civicrm_contact set first_name = 'ANN' where id = 1", {"contacts": 1}),
        ("update civicrm_contact set first_name = 'Änn' where id = 1", {"contacts": 1}),
        ("update civicrm_contact set first_name = 'Ann ' where id = 1", {"contacts": 1}),
        ("update civicrm_contact set first_name = '' where id = 1", {"contacts": 1}),
    ],
)
def test_what_no_trigger_would_tell_is_found(
    world: World, site: CivicrmApi, change: str, counts: dict[str, int]
) -> None:
    world.run()
    world.run()
    assert world.query("select state from crm_sync.run order by run_id desc limit 1") == [("idle",)]
    world.crm_do(change)
    found = world.run()["extract"]
    assert {name: found[name] for name in ("idle", *counts)} == {"idle": 0, **counts}


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


@pytest.mark.parametrize("world", ["higher_logic"], indirect=True)
def test_many_memberships_that_the_nightly_job_ends_at_once_wait_for_a_person(world: World) -> None:
    do(
        world,
        """
        insert into civicrm_contact (id, contact_type, last_name) select seq, 'Individual', 'X' from seq_1000_to_1059;
        insert into civicrm_email (contact_id, email, is_primary)
            select seq, concat('p', seq, '@example.org'), 1 from seq_1000_to_1059;
        insert into civicrm_group_contact (group_id, contact_id, status)
            select 1, seq, 'Added' from seq_1000_to_1059;
        insert into civicrm_membership (contact_id, membership_type_id, status_id)
            select seq, 1, 2 from seq_1000_to_1059;
        """,
    )
    world.run()
    active = "select count(*) from crm_sync.holding where state = 'active'"
    assert world.query(active) == [(61,)]
    do(world, "update civicrm_membership set status_id = 4 where contact_id >= 1000;\n")
    world.run()
    assert world.query("select state from crm_sync.run order by run_id desc limit 1") == [("held",)]
    assert world.query(active) == [(61,)]
    assert world.answer(approves=True)
    world.run()
    assert world.query(active) == [(1,)]


@pytest.mark.parametrize("world", ["higher_logic"], indirect=True)
def test_an_employment_that_ends_by_its_date_is_found_though_no_row_was_written(world: World) -> None:
    do(
        world,
        """
        insert into civicrm_contact (id, contact_type, organization_name) values (9, 'Organization', 'Nine');
        insert into civicrm_relationship (contact_id_a, contact_id_b, relationship_type_id, end_date)
            select 1, 9, id, '2026-06-30' from civicrm_relationship_type where name_a_b = 'Employee of';
        """,
    )
    for today, was_idle in (("2026-06-29", False), ("2026-06-30", True), ("2026-07-01", False), ("2026-07-02", True)):
        is_day(world, today)
        world.run()
        idle = world.query("select state = 'idle' from crm_sync.run order by run_id desc limit 1")
        assert idle == [(was_idle,)], today


def is_day(world: World, today: str) -> None:
    """For the database it is that day, in each connection from now on."""
    world.crm.engine.dispose()
    moment = f"set timestamp = unix_timestamp('{today} 12:00:00')"

    def told(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(moment)

    event.listen(world.crm.engine, "connect", told)
