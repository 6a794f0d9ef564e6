"""Constant Contact's stand-in with and without its limit of calls, and a client, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from standins import Fresh, StandIn
from unit.standins.constant_contact_client import Client


@pytest.fixture
def service(fresh_standin: Fresh) -> StandIn:
    """With its own limit of calls in a second."""
    return fresh_standin("constant_contact")


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
