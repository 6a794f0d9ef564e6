"""The pages in this process: the application itself over real databases, with a person made for it and no Airflow."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from crm_sync.ledger.database import Database
from crm_sync.web import application, reading, rights, schedule
from local.world import engine_url


@dataclass
class Guest:
    """Whoever looks; may do all but what is taken away."""

    name: str = "op"
    id: str = "7"
    sees_people: bool = True
    may: bool = True
    providers: list[str] = field(default_factory=lambda: ["mailchimp"])

    def readable(self) -> list[str]:
        return self.providers

    def may_read(self, provider: str) -> bool:
        return provider in self.providers

    def may_trigger(self, _: str) -> bool:
        return self.may

    may_pause = may_connect = may_trigger


@dataclass
class Visit:
    """The pages, whoever looks at them, and what lies behind."""

    client: TestClient
    guest: Guest
    state: Database
    crm: Database
    asked: list[str] = field(default_factory=list)

    def get(self, path: str, **request: Any) -> str:
        """What a page says, without its markup."""
        return words(self.page(path, **request))

    def page(self, path: str, **request: Any) -> str:
        answer = self.client.get(path, **request)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def post(self, path: str, **data: Any) -> Any:
        """A form, sent; a redirect is followed."""
        return self.client.post(path, data={"token": rights.form_token(cast("rights.Visitor", self.guest)), **data})

    def ledger(self, text: str) -> list[Any]:
        """Change, or ask, the state database."""
        return _do(self.state, text)

    def in_crm(self, text: str) -> list[Any]:
        """Change, or ask, the CRM."""
        return _do(self.crm, text)


def _do(database: Database, text: str) -> list[Any]:
    with database.engine.begin() as connection:
        found = connection.exec_driver_sql(text)
        return [tuple(row) for row in found] if found.returns_rows else []


def words(page: str) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    return html.unescape(re.sub(r" ([.,;:])", r"\1", shown))


@pytest.fixture
def visit(state: Database, crm: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """A visit to the pages of an association that has nobody yet."""
    here = Database(create_engine(engine_url(crm)), "the CRM")

    @contextmanager
    def opened(_: str, role: str) -> Iterator[Database]:
        yield here if role == "the CRM" else state

    monkeypatch.setattr(reading, "shared_database", opened)
    monkeypatch.setattr(reading, "_migrated", {str(state.engine.url)})
    for module in ("overview", "run"):
        monkeypatch.setattr(f"crm_sync.web.{module}.schedules", planned)
    monkeypatch.setattr("crm_sync.web.overview.kept_connections", lambda _: {"mailchimp_default"})
    monkeypatch.setattr("crm_sync.web.runs.origins", lambda _: {})
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key for tests")
    guest, app = Guest(), application.create()
    app.dependency_overrides[rights.visitor] = lambda: guest
    yield Visit(TestClient(app), guest, state, here)
    here.engine.dispose()


def planned(names: Any) -> dict[str, schedule.Schedule]:
    """Every DAG is known and runs by the clock."""
    return {name: schedule.Schedule(is_known=True) for name in names}
