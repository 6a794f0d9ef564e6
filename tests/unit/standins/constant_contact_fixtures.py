"""One running Constant Contact stand-in for the tests of this folder, fresh for each of them, and a client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from constant_contact_client import Client

from standins import StandIn


@pytest.fixture(scope="session")
def running_constant_contact() -> Iterator[StandIn]:
    with StandIn("constant_contact") as standin:
        yield standin


@pytest.fixture
def service(running_constant_contact: StandIn) -> StandIn:
    """With its own limit of calls in a second."""
    running_constant_contact.reset()
    return running_constant_contact


@pytest.fixture
def patient(service: StandIn) -> StandIn:
    """With a limit that no test reaches."""
    service.switch(calls_per_second=100_000)
    return service


@pytest.fixture
def cc(patient: StandIn) -> Iterator[Client]:
    client = Client(patient)
    yield client
    client.session.close()
