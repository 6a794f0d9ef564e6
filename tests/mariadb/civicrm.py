"""CiviCRM's tables on a real MariaDB, with and without a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine

from contract import sources as ways
from contract import worlds
from crm_sync.ledger import sources, statements
from crm_sync.ledger.database import Database
from crm_sync.ledger.opening import database
from crm_sync.pipeline.extract import EVERYBODY
from local.civicrm_api import CivicrmApi
from local.world import World
from standins import Fresh

TOLD = ways.told("civicrm")
SUBSCRIBERS, MEMBERS = "crm/extract/subscribers", "crm/extract/members"


@pytest.fixture
def world(request: pytest.FixtureRequest, fresh_standin: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three people of CiviCRM, not brought across yet: to Mailchimp, or to the provider that the parameter names."""
    provider = getattr(request, "param", "mailchimp")
    monkeypatch.setenv(sources.SETTING, "civicrm")
    statements.forget()
    crm, standin = ways.made(request, "civicrm"), fresh_standin(provider)
    with worlds.world(request.getfixturevalue("postgres"), crm, standin, provider) as made:
        do(made, TOLD.SETTLED)
        yield made
    monkeypatch.undo()
    statements.forget()


@dataclass
class Tables:
    """CiviCRM's tables alone, without a run."""

    crm: Database

    def crm_do(self, text: str, *given: object) -> None:
        with self.crm.engine.begin() as writing:
            writing.exec_driver_sql(text, given or None)


@pytest.fixture
def tables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    """Three people of CiviCRM."""
    monkeypatch.setenv(sources.SETTING, "civicrm")
    statements.forget()
    engine = create_engine(ways.made(request, "civicrm"))
    made = Tables(database(engine, "the CRM"))
    do(made, TOLD.SETTLED)
    yield made
    engine.dispose()
    monkeypatch.undo()
    statements.forget()


@pytest.fixture
def site(request: pytest.FixtureRequest, world: World) -> Iterator[CivicrmApi]:
    with TOLD.api(request, world) as made:
        yield made


def do(world: World | Tables, text: str) -> None:
    for statement in filter(str.strip, text.split(";\n")):
        world.crm_do(statement)


def read(world: World | Tables, name: str, **asked: Any) -> dict[int, Any]:
    with world.crm.transaction() as crm:
        return {row.contact_id: row for row in crm.rows(name, **{**EVERYBODY, **asked})}
