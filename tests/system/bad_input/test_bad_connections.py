"""A wrong key, an unknown audience, a CRM out of reach: a clear error, nothing sent, and one good run mends all."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import create_engine

from contract.people import add_list, add_people
from contract.worlds import assert_in_step
from crm_sync.errors import ConfigError, TransientError
from crm_sync.ledger.database import Database
from local.background import await_until
from local.postgres import free_port
from local.world import World, engine_url
from standins import StandIn


def writes(standin: StandIn) -> int:
    return sum(entry["method"] != "GET" for entry in standin.requests()["requests"])


@pytest.mark.parametrize("key", ["stranger-us1", ""])
def test_a_wrong_or_missing_key_fails_at_once_and_is_mended_by_a_right_one(
    key: str, world: World, standin: StandIn
) -> None:
    good, world.key = world.key, key
    with pytest.raises(ConfigError, match="key"):
        world.run()
    assert writes(standin) == 0
    world.key = good
    world.run()
    assert_in_step(world, standin)


def test_an_unknown_audience_fails_at_once_and_names_the_setting(world: World, standin: StandIn) -> None:
    world.extras = {"audience_id": "0000000000"}
    with pytest.raises(ConfigError, match="audience_id"):
        world.run()
    world.extras = {}
    world.run()
    assert_in_step(world, standin)


def test_a_key_taken_away_in_mid_run_loses_nothing(world: World, standin: StandIn) -> None:
    standin.fault("status", status=401, method="POST", path_regex=r"/segments/\d+$")
    with pytest.raises(ConfigError, match="401"):
        world.run()
    standin.clear_faults()
    world.run()
    assert_in_step(world, standin)
    assert world.query("select * from crm_sync.exceptions") == []


def test_a_provider_that_is_not_there_is_worth_another_try(world: World, standin: StandIn) -> None:
    good, world.provider_url = world.provider_url, f"http://127.0.0.1:{free_port()}"
    with pytest.raises(TransientError, match=r"127\.0\.0\.1"):
        world.run()
    world.provider_url = good
    world.run()
    assert_in_step(world, standin)


def test_a_crm_that_cannot_be_reached_is_worth_another_try(synced: World, standin: StandIn) -> None:
    add_people(synced.crm_dsn, 6, 6, lists=[1])
    good = synced.crm
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/crm"
    synced.crm = Database(create_engine(engine_url(nowhere)), "the CRM")
    with pytest.raises(TransientError, match="the CRM cannot be reached"):
        synced.run()
    synced.crm = good
    synced.run()
    assert_in_step(synced, standin)


def test_a_state_database_that_cannot_be_reached_is_worth_another_try(synced: World, standin: StandIn) -> None:
    good = synced.state
    synced.state = Database(
        create_engine(engine_url(f"postgresql://postgres@127.0.0.1:{free_port()}/s")), "the state database"
    )
    with pytest.raises(TransientError, match="the state database cannot be reached"):
        synced.begin()
    synced.state = good
    synced.run()
    assert_in_step(synced, standin)


def end_the_session_that_waits(dsn: str) -> None:
    """End the session on the CRM that waits for a lock, as soon as there is one."""
    with psycopg.connect(dsn.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
        ended = await_until(
            lambda: (
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = %s and wait_event_type = 'Lock'",
                    [dsn.rpartition("/")[2]],
                ).fetchall()
                != []
            ),
            30,
            every_seconds=0.01,
        )
    assert ended


def test_a_crm_that_goes_away_in_mid_extract_loses_nothing(world: World, standin: StandIn) -> None:
    contacts = world.crm_do("select count(*) from crm.contact")[0][0]
    world.begin(airflow_run_id="cut")
    world.stage("opt_outs", "cut")
    killer = threading.Thread(target=end_the_session_that_waits, args=(world.crm_dsn,))
    with psycopg.connect(world.crm_dsn) as somebody_else:
        # The lists are read by then, the contacts not yet.
        somebody_else.execute("lock table crm.contact in access exclusive mode")
        killer.start()
        with pytest.raises(TransientError, match="the CRM cannot be reached, or closed the connection"):
            world.stage("extract", "cut")
        killer.join()
        somebody_else.rollback()
    assert world.query("select count(*) from crm_sync.extracted_list") == [(0,)], "half a read leaves nothing behind"
    assert world.stage("extract", "cut")["contacts"] == contacts > 0
    assert writes(standin) == 0


def test_a_provider_that_is_down_is_not_hammered_with_every_batch(empty: World, standin: StandIn) -> None:
    lists = list(range(1, 61))
    for number in lists:
        add_list(empty.crm_dsn, number, f"List {number}")
    add_people(empty.crm_dsn, 1, 2, lists=lists)
    standin.fault("bare_429", method="POST", path_regex=r"/segments/\d+$")
    with pytest.raises(TransientError, match="429"):
        empty.run()
    calls = sum(entry.get("fault") == "bare_429" for entry in standin.requests()["requests"])
    assert 0 < calls < len(lists) * empty.settings.attempts / 2
    standin.clear_faults()
    empty.run()
    assert_in_step(empty, standin)
    assert empty.query("select * from crm_sync.exceptions") == []
