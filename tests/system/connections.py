"""Airflow's connections to CRM, state database and the stand-in of any provider."""

from __future__ import annotations

from typing import Any

import pytest

from local.world import facts
from standins.discovery import provider_names
from standins.process import StandIn
from system.association import as_environment, connections


def connections_of(way: str, crm_dsn: str, state_dsn: str, standin: StandIn, **extras: object) -> dict[str, Any]:
    """Airflow connections to CRM, state database and the provider's stand-in, in their JSON form. ``way``: see
    ``facts``."""
    from crm_sync import providers

    told, provider = facts(way), way.partition(":")[0]
    made = {name: each for name, each in connections(crm_dsn, state_dsn, standin.url).items() if "sync" in name}
    places = {"base_url": standin.url + told.API_PATH, **told.addresses_at(standin.url)}
    made[providers.get(provider).connection_id] = {
        "conn_type": provider,
        "login": told.LOGIN,
        "password": told.KEY,
        "port": 443,
        "extra": {**told.EXTRAS, **places, **extras},
    }
    return made


def connected(
    way: str, crm_dsn: str, state_dsn: str, standin: StandIn, monkeypatch: pytest.MonkeyPatch, **extras: object
) -> str:
    """Airflow's connections, in this process's environment; the key in it."""
    made = connections_of(way, crm_dsn, state_dsn, standin, **extras)
    for name, value in as_environment(made).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CRM_SYNC_BACKOFF_SECONDS", "0.01")
    monkeypatch.setenv("CRM_SYNC_ATTEMPTS", "2")
    return str(facts(way).KEY)


def by_the_clock() -> dict[str, str]:
    """Settings with which no change in the CRM starts a run: one begins when the test says so."""
    return {f"CRM_SYNC_PROVIDERS__{each.upper()}__LIVE": "false" for each in provider_names()}
