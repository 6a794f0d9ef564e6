"""One stand-in process for each provider and module; a fresh world for each test."""

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
from crm_sync.database import Database
from crm_sync.memory import Memory
from crm_sync.providers.base import Client, Credentials, Provider
from local.postgres import Postgres
from local.world import QUICK, SEAL, World, engine_url
from standins import StandIn

Knock = Callable[..., Client]

NAMES = providers.names()


def only(holds: Callable[[Provider], bool]) -> pytest.MarkDecorator:
    """For a test of the providers whose facts say so; there is always one."""
    names = [name for name in NAMES if holds(providers.get(name))]
    assert names
    return pytest.mark.parametrize("provider_name", names, indirect=True, scope="module")


@pytest.fixture(params=NAMES, scope="module")
def provider_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def process(provider_name: str) -> Iterator[StandIn]:
    with StandIn(provider_name) as running:
        yield running


@pytest.fixture
def standin(process: StandIn) -> StandIn:
    process.reset()
    return process


@pytest.fixture
def sheet(provider_name: str) -> Provider:
    """The facts; a test does not wait for the vendor's second."""
    return replace(providers.get(provider_name), **worlds.UNHURRIED)


@pytest.fixture
def told(provider_name: str) -> ModuleType:
    return worlds.facts(provider_name)


@pytest.fixture(scope="module")
def memory(postgres: Postgres, provider_name: str) -> Iterator[Memory]:
    """A state database of the module, for what clients remember."""
    name = f"contract_memory_{provider_name}_{os.getpid()}"
    engine = create_engine(engine_url(postgres.create_database(name, template=worlds.state_template(postgres))))
    yield Memory(Database(engine, "the state database"), provider_name, Fernet(SEAL))
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def knock(sheet: Provider, told: ModuleType, standin: StandIn, memory: Memory) -> Knock:
    """Connects with the stand-in's key, or with another, and with further extras."""

    def knocked(key: str = told.KEY, **extras: str) -> Client:
        told.prepare(standin, memory)
        base_url = standin.url + told.API_PATH
        everything = {**told.EXTRAS, "base_url": base_url, **told.addresses_at(standin.url), **extras}
        return sheet.connect(Credentials(key, told.LOGIN, everything), QUICK, memory)

    return knocked


@pytest.fixture
def client(knock: Knock) -> Client:
    return knock()


@pytest.fixture
def world(postgres: Postgres, crm_template: str, standin: StandIn, provider_name: str) -> Iterator[World]:
    with worlds.world(postgres, crm_template, standin, provider_name) as made:
        yield made
