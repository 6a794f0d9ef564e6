"""A world with five people in two lists, already in step, that each test then spoils."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract import worlds
from contract.people import add_five
from local.postgres import Postgres
from local.world import World
from standins import StandIn


@pytest.fixture
def empty(postgres: Postgres, crm_template: str, standin: StandIn, provider: str) -> Iterator[World]:
    """Nobody anywhere, nothing run yet."""
    with worlds.world(postgres, crm_template, standin, provider) as made:
        yield made


@pytest.fixture
def world(empty: World) -> World:
    """Persons 1 to 5 in News, 4 and 5 in Events too; not run yet."""
    add_five(empty.crm_dsn)
    return empty


@pytest.fixture
def synced(world: World) -> World:
    """The same after its first run."""
    world.run()
    return world
