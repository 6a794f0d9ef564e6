"""A plain client of the provider's stand-in, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from standins import StandIn


@pytest.fixture
def api(provider: str, standin: StandIn) -> Iterator[Any]:
    """With the key: the Client of ``unit.standins.<provider>_client``."""
    client = import_module(f"unit.standins.{provider}_client").Client(standin.url)
    yield client
    client.session.close()
