"""A world with five people in two lists, already in step, that each test then spoils."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract import worlds
from contract.people import add_list, add_people
from local.postgres import Postgres
from local.world import World
from standins import StandIn


@pytest.fixture(scope="module")
def provider() -> str:
    """Whose stand-in it is; a module about another provider says so."""
    return "mailchimp"


@pytest.fixture(scope="module")
def process(provider: str) -> Iterator[StandIn]:
    with StandIn(provider) as running:
        yield running


@pytest.fixture
def standin(process: StandIn) -> StandIn:
    process.reset()
    return process


@pytest.fixture
def empty(postgres: Postgres, crm_template: str, standin: StandIn, provider: str) -> Iterator[World]:
    """Nobody anywhere, nothing run yet."""
    with worlds.world(postgres, crm_template, standin, provider) as made:
        yield made


@pytest.fixture
def world(empty: World) -> World:
    """Persons 1 to 5 in News, 4 and 5 in Events too; not run yet."""
    add_list(empty.crm_dsn, 1, "News")
    add_list(empty.crm_dsn, 2, "Events")
    add_people(empty.crm_dsn, 1, 3, lists=[1])
    add_people(empty.crm_dsn, 4, 5, lists=[1, 2])
    return empty


@pytest.fixture
def synced(world: World) -> World:
    """The same after its first run."""
    world.run()
    return world
