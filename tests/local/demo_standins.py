"""The stand-ins of the demo: one for each provider, found by its folder, and the connections that lead to them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import requests
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from crm_sync import providers
from crm_sync.ledger import store
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from local.airflow import REPOSITORY
from local.background import Background, await_until
from local.world import engine_url
from standins.discovery import provider_names
from standins.process import Controls

START_SECONDS = 30.0


def demo_providers() -> list[str]:
    """The providers that have a stand-in."""
    return [name for name in providers.names() if name in provider_names()]


@dataclass
class DemoStandin:
    """One provider's stand-in as a process that outlives the command."""

    provider: str
    directory: Path
    port: int

    @property
    def title(self) -> str:
        """What people call the provider."""
        return providers.get(self.provider).title

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> Background:
        """The process, if it runs."""
        return Background(self.directory, f"standin-{self.provider}")

    @property
    def facts(self) -> ModuleType:
        """What the stand-in says of itself."""
        return importlib.import_module(f"standins.{self.provider}.contract")

    def is_running(self) -> bool:
        """Whether it was left running, with all it holds."""
        return bool(self.process.process()) and self._answers()

    def start(self, past: list[dict[str, object]]) -> str:
        """Start it anew with what it remembers of before; what was done, in words."""
        was_here_before = self.process.log.exists()
        self.process.stop()
        command = [sys.executable, "-m", "standins", "--provider", self.provider, "--port", str(self.port)]
        self.process.start(command, {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}, REPOSITORY)
        if not await_until(lambda: self._answers() or not self.process.process(), START_SECONDS):
            raise self.process.died(f"did not answer within {START_SECONDS:.0f} s")
        if not self.process.process():
            raise self.process.died("ended while it was starting")
        if past:
            Controls(self.url).control("POST", "state", {"actions": past})
        forgot = "; it forgot all when it stopped, the full synchronization below brings it back"
        return f"{self.title} at {self.url}{forgot if was_here_before else ''}"

    def connection(self) -> tuple[str, dict[str, Any]]:
        """The Airflow connection that leads here: its id, and what is in it."""
        extra = {**self.facts.EXTRAS, "base_url": self.url + self.facts.API_PATH, **self.facts.addresses_at(self.url)}
        filled = {"conn_type": self.provider, "login": self.facts.LOGIN, "password": self.facts.KEY, "port": self.port}
        return providers.get(self.provider).connection_id, {**filled, "extra": extra}

    def connect(self, state_dsn: str, fernet_key: Callable[[], str]) -> None:
        """Do what a person does once in the provider's own pages: allow the pipeline in."""
        state = Database(create_engine(engine_url(state_dsn)), "the state database")
        store.migrate(state)
        self.facts.prepare(Controls(self.url), ClientState(state, self.provider, Fernet(fernet_key())))
        state.engine.dispose()

    def _answers(self) -> bool:
        try:
            with requests.Session() as session:
                session.trust_env = False
                return session.get(f"{self.url}/_standin/clock", timeout=2).ok
        except requests.RequestException:
            return False
