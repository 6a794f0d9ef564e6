"""What the pipeline keeps beside the ledger goes by age, but for answers that somebody who is held was sent with."""

from __future__ import annotations

from types import ModuleType

import psycopg
import pytest

from contract.conftest import only
from contract.people import add_list, add_people
from local.world import World
from standins import StandIn

LOOKS = """
    insert into crm_sync.looked_at (who, contact_id, what)
    values ('somebody', 1, 'explained'), ('somebody', 1, 'found');
"""
AGED = """
    update crm_sync.remembered set at = at - interval '500 days';
    update crm_sync.looked_at set looked_at = looked_at - interval '500 days' where what = 'explained';
"""
LIVES_AT = """
    update crm.contact set address_line1 = %s, city = 'Springfield', state = 'IL', postal_code = '62701'
    where contact_id = %s
"""


@pytest.fixture
def synced(world: World) -> World:
    """Two people in a list, and two looks at one of them; one look, and all remembered answers, are old."""
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, 2, lists=[1])
    for number in (1, 2):
        world.crm_do(LIVES_AT, f"{number} Main St", number)
    world.run()
    world.client_state.put("question", {"asked once": 1})
    age(world, LOOKS + AGED)
    return world


def age(world: World, text: str) -> None:
    with psycopg.connect(world.state_dsn) as connection:
        connection.execute(text)


def is_remembered(world: World, kind: str) -> int:
    return len(world.query("select key from crm_sync.remembered where kind = %s", kind))


def test_old_looks_and_old_answers_go_when_a_run_is_recorded(synced: World) -> None:
    synced.client_state.put("question", {"asked today": 1})
    synced.crm_do("update crm.contact set first_name = 'Changed' where contact_id = 1")
    synced.run()
    assert synced.query("select what from crm_sync.looked_at") == [("found",)]
    assert synced.query("select key from crm_sync.remembered where kind = 'question'") == [("asked today",)]


@only(lambda _, told: hasattr(told, "CHECK_ADDRESS"))
def test_an_unchanged_postal_address_is_never_checked_twice(synced: World, standin: StandIn, told: ModuleType) -> None:
    def checks() -> int:
        return sum(entry["route"] == "/addresses" for entry in standin.requests()["requests"])

    assert (checks(), is_remembered(synced, "address")) == (2, 2)
    for name in ("Changed", "Changed again"):
        synced.crm_do("update crm.contact set first_name = %s where contact_id = 1", name)
        synced.run()
        age(synced, AGED)
    assert (checks(), is_remembered(synced, "address")) == (2, 2), "both were kept, whoever changed"
    synced.crm_do("update crm.membership set status = 'dropped' where contact_id = 2")
    synced.run()
    assert is_remembered(synced, "address") == 1, "whoever is not held any more keeps nothing"
    assert synced.query("select subscriber_key from crm_sync.relied_on") == [("1",)]
    synced.crm_do(LIVES_AT, "3 Main St", 1)
    synced.run()
    assert (checks(), is_remembered(synced, "address")) == (3, 1), "the one from before the move went"
