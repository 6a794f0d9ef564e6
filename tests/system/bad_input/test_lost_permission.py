"""A pair of tokens that came back from an old backup of the state database: a person is told how to connect again,
nothing is sent on its word, and nothing is left half done."""

from __future__ import annotations

from typing import Any

import pytest

from contract.worlds import assert_in_step
from crm_sync.errors import ConfigError, LoadFailedError, UnderWayError
from crm_sync.ledger import store
from crm_sync.pipeline import run_stage
from local.world import World
from standins import StandIn
from standins.constant_contact import contract

REMEDY = "crm-sync connect constant_contact"
BEFORE_THE_LOAD = ("opt_outs", "extract", "validate", "transform", "plan")


@pytest.fixture(scope="module")
def provider() -> str:
    return "constant_contact"


def stored(world: World) -> Any:
    with world.client_state.token() as slot:
        return slot.value


def restore(world: World, token: Any) -> None:
    with world.client_state.token() as slot:
        slot.store(token)


def calls(standin: StandIn) -> list[str]:
    """The API calls that were answered otherwise than by 401."""
    logged = standin.requests()["requests"]
    return [entry["path"] for entry in logged if "/oauth2/" not in entry["path"] and entry["status"] != 401]


def test_a_pair_from_an_old_backup_says_how_to_connect_again_and_nothing_is_sent(
    synced: World, standin: StandIn
) -> None:
    old = stored(synced)
    standin.act("expire_access_tokens")
    synced.crm_do("update crm.contact set first_name = 'Changed' where contact_id = 1")
    synced.run()
    assert stored(synced)["refresh_token"] != old["refresh_token"], "it has rotated since the backup"
    restore(synced, old)
    before = standin.state()["contacts"]
    synced.crm_do("update crm.contact set first_name = 'Changed again' where contact_id = 1")
    standin.clear_requests()
    with pytest.raises(ConfigError, match=REMEDY):
        synced.run()
    assert calls(standin) == []
    assert standin.state()["contacts"] == before
    assert stored(synced) == old, "a pair that does not work is not thrown away for it"
    with pytest.raises(LoadFailedError):
        synced.stage("record", synced.last_run_id())
    contract.prepare(standin, synced.client_state)  # connected again
    synced.run()
    assert contract.names(standin.state())["person1@example.org"][0] == "Changed again"
    assert_in_step(synced, standin)


def load_once(world: World) -> None:
    run_stage("load", world.context(store.load_run(world.state, world.provider, "one")))


def test_a_permission_lost_after_the_hand_over_leaves_it_handed_over(world: World, standin: StandIn) -> None:
    old = stored(world)
    world.begin(airflow_run_id="one")
    for name in BEFORE_THE_LOAD:
        world.stage(name, "one")
    with pytest.raises(UnderWayError):
        load_once(world)
    restore(world, old)
    standin.act("expire_access_tokens")
    standin.clear_requests()
    with pytest.raises(ConfigError, match=REMEDY):
        load_once(world)
    assert calls(standin) == []
    status = "select distinct status from crm_sync.operation where job is not null"
    assert world.query(status) == [("submitted",)]
    contract.prepare(standin, world.client_state)
    world.stage("load", "one")  # cleared, after somebody connected again
    assert world.stage("record", "one")["deferred"] == 0
    submitted = [entry for entry in standin.requests()["requests"] if entry["route"].endswith("contacts_json_import")]
    assert submitted == [], "what was handed over before is not sent again"
    assert_in_step(world, standin)
