"""One Tendenci for all tests: made and filled once, copied for each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync import providers
from crm_sync.ledger import sources, statements
from local.postgres import Postgres
from standins import Fresh
from tendenci.association import SOURCE, Association, association, install
from tendenci.running import FILLED, Tendenci


@pytest.fixture(scope="session")
def tendenci(postgres: Postgres) -> Iterator[Tendenci]:
    """At work, with our views in its database."""
    folder = Path(tempfile.mkdtemp(prefix="crm-sync-tendenci-"))
    dsn = postgres.create_database(FILLED)
    with Tendenci(dsn, folder) as running:
        running("installing.install")
        running("population.fill")
        install(dsn)
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tendenci is the source, chosen as an installation chooses it."""
    monkeypatch.setenv(sources.SETTING, SOURCE)
    sources.chosen.cache_clear()
    statements.forget()
    yield
    monkeypatch.undo()
    sources.chosen.cache_clear()
    statements.forget()


@pytest.fixture
def begun(postgres: Postgres, tendenci: Tendenci, fresh_standin: Fresh, source: None) -> Iterator[Association]:
    """The association, with all four providers in step."""
    with association(postgres, tendenci, fresh_standin, providers.names()) as made:
        made.run()
        yield made
