"""Each provider in turn; a fresh world for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from contract import worlds
from crm_sync import providers
from crm_sync.client import Client
from crm_sync.contract import Credentials, Provider
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from local.postgres import Postgres
from local.world import QUICK, SEAL, World, engine_url, ways
from standins import StandIn

Knock = Callable[..., Client]

WAYS = ways()


def only(holds: Callable[[Provider, ModuleType], bool]) -> pytest.MarkDecorator:
    """For a test of the ways to connect whose facts, and whose stand-in, say so; there is always one."""
    chosen = [way for way in WAYS if holds(sheet_of(way), worlds.facts(way))]
    assert chosen
    return pytest.mark.parametrize("way", chosen, indirect=True, scope="module")


def sheet_of(way: str) -> Provider:
    """The facts of a provider that is connected in that way."""
    return providers.get(way.partition(":")[0]).as_connected(worlds.facts(way).EXTRAS)


@pytest.fixture(params=WAYS, scope="module")
def way(request: pytest.FixtureRequest) -> str:
    """A provider, and a version of its API where it has several."""
    return str(request.param)


@pytest.fixture(scope="module")
def provider(way: str) -> str:
    return way.partition(":")[0]


@pytest.fixture
def sheet(way: str) -> Provider:
    """The facts; a test does not wait for the vendor's second."""
    return replace(sheet_of(way), **worlds.UNHURRIED)


@pytest.fixture
def told(way: str) -> ModuleType:
    return worlds.facts(way)


@pytest.fixture(scope="module")
def client_state(postgres: Postgres, provider: str) -> Iterator[ClientState]:
    """A state database of the module, for what clients remember."""
    name = f"contract_memory_{provider}_{os.getpid()}"
    engine = create_engine(engine_url(postgres.create_database(name, template=worlds.state_template(postgres))))
    yield ClientState(Database(engine, "the state database"), provider, Fernet(SEAL))
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def knock(sheet: Provider, told: ModuleType, standin: StandIn, client_state: ClientState) -> Knock:
    """Connects with the stand-in's key, or with another, and with further extras."""

    def knocked(key: str = told.KEY, **extras: str) -> Client:
        told.prepare(standin, client_state)
        base_url = standin.url + told.API_PATH
        everything = {**told.EXTRAS, "base_url": base_url, **told.addresses_at(standin.url), **extras}
        return sheet.connect(Credentials(key, told.LOGIN, everything), QUICK, client_state)

    return knocked


@pytest.fixture
def client(knock: Knock) -> Client:
    return knock()


@pytest.fixture
def world(postgres: Postgres, crm_template: str, standin: StandIn, way: str) -> Iterator[World]:
    with worlds.world(postgres, crm_template, standin, way) as made:
        yield made
