"""One Airflow for all that people do in its UI: to start it costs more than most of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.postgres import Postgres
from system.sync_page import Site, open_site

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever the order of the others, the tests of this folder follow one another: its Airflow stops after them."""
    first = next((place for place, item in enumerate(items) if item.path.is_relative_to(HERE)), 0)
    before, rest = items[:first], items[first:]
    ours = [item for item in rest if item.path.is_relative_to(HERE)]
    items[:] = [*before, *ours, *(item for item in rest if not item.path.is_relative_to(HERE))]


@pytest.fixture(scope="package")
def place(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """The association and its Airflow, as the tests before have left them."""
    with open_site(postgres, crm_template) as made:
        yield made


@pytest.fixture
def site(place: Site) -> Site:
    """The same, for a test that does not ask in which state the account is."""
    return place
