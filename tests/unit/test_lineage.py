"""Lineage: silent until somebody listens, and never the reason that a task fails."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.operators import lineage

CRM = {"conn_type": "postgres", "host": "db.example.org", "port": 5433, "schema": "crm"}


def synchronizing(provider: str, host: str) -> Any:
    return SimpleNamespace(provider=providers.get(provider), client=SimpleNamespace(host=host))


@pytest.fixture
def listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "is_on", lambda: True)
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM", json.dumps(CRM))


def test_nothing_is_looked_up_until_a_transport_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not lineage.is_on()
    assert lineage.known_after("load", None) == lineage.NOTHING  # type: ignore[arg-type]
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')
    assert lineage.is_on()


@pytest.mark.parametrize(("extra", "name"), [({}, "Default List"), ({"list_name": "Advocates"}, "Advocates")])
def test_a_provider_without_lists_keeps_the_one_of_its_connection(
    extra: dict[str, str], name: str, listened_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = {"conn_type": "votervoice", "password": "key", "extra": {"association": "EXAMPLE", **extra}}
    monkeypatch.setenv("AIRFLOW_CONN_VOTERVOICE_DEFAULT", json.dumps(account))

    told = lineage.known_after("load", synchronizing("votervoice", "www.example.org"))

    assert [(each.namespace, each.name) for each in told.written] == [("votervoice://www.example.org", name)]
    assert {each.namespace for each in told.read} == {"postgres://db.example.org:5433"}
    assert "crm.crm.membership" in {each.name for each in told.read}


def test_what_cannot_be_told_fails_nothing(listened_to: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_CRM_SYNC_CRM")
    assert lineage.known_after("load", synchronizing("votervoice", "www.example.org")) == lineage.NOTHING
