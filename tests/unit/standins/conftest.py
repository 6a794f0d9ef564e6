"""One running Mailchimp stand-in for the tests of this folder, fresh for each of them, and a client with the key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mailchimp_client import Client

from standins import StandIn


@pytest.fixture(scope="session")
def running() -> Iterator[StandIn]:
    with StandIn("mailchimp") as standin:
        yield standin


@pytest.fixture
def standin(running: StandIn) -> StandIn:
    running.reset()
    return running


@pytest.fixture
def api(standin: StandIn) -> Iterator[Client]:
    client = Client(standin.url)
    yield client
    client.session.close()
