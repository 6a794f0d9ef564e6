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
from local.world import QUICK, SEAL, World, engine_url
from standins import StandIn

Knock = Callable[..., Client]

NAMES = providers.names()


def only(holds: Callable[[Provider], bool]) -> pytest.MarkDecorator:
    """For a test of the providers whose facts say so; there is always one."""
    names = [name for name in NAMES if holds(providers.get(name))]
    assert names
    return pytest.mark.parametrize("provider", names, indirect=True, scope="module")


@pytest.fixture(params=NAMES, scope="module")
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sheet(provider: str) -> Provider:
    """The facts; a test does not wait for the vendor's second."""
    return replace(providers.get(provider), **worlds.UNHURRIED)


@pytest.fixture
def told(provider: str) -> ModuleType:
    return worlds.facts(provider)


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
def world(postgres: Postgres, crm_template: str, standin: StandIn, provider: str) -> Iterator[World]:
    with worlds.world(postgres, crm_template, standin, provider) as made:
        yield made
