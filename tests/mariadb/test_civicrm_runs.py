"""Runs on CiviCRM, and opt-outs by its API. The real system was not run."""

from __future__ import annotations

import pytest
import requests

from crm_sync.contract import Credentials
from crm_sync.crms import connect
from crm_sync.errors import DisconnectedError, TransientError
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
def test_what_no_trigger_would_tell_is_found(world: World, change: str, counts: dict[str, int]) -> None:
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
