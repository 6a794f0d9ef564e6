"""One stand-in process for each provider and module; a fresh world for each test."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from contract import worlds
from crm_sync import providers
from crm_sync.providers.base import Client, Provider
from local.postgres import Postgres
from local.world import QUICK, World
from standins import StandIn

NAMES = providers.names()


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
    return providers.get(provider_name)


@pytest.fixture
def told(provider_name: str) -> ModuleType:
    return worlds.facts(provider_name)


@pytest.fixture
def client(sheet: Provider, told: ModuleType, standin: StandIn) -> Client:
    return sheet.connect(told.KEY, {**told.EXTRAS, "base_url": standin.url + told.API_PATH}, QUICK)


@pytest.fixture
def world(postgres: Postgres, crm_template: str, standin: StandIn, provider_name: str) -> Iterator[World]:
    with worlds.world(postgres, crm_template, standin, provider_name) as made:
        yield made
