"""One running Constant Contact stand-in for the tests of this folder, and a fresh account for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from constant_contact_account import Account
from cryptography.fernet import Fernet

from crm_sync.database import Database
from crm_sync.memory import Memory
from local.world import SEAL
from standins import StandIn


@pytest.fixture(scope="session")
def running_constant_contact() -> Iterator[StandIn]:
    with StandIn("constant_contact") as standin:
        yield standin


@pytest.fixture
def account(running_constant_contact: StandIn, state: Database) -> Account:
    """Connected, empty, and without a limit of calls in a second."""
    running_constant_contact.reset()
    return Account(running_constant_contact, Memory(state, "constant_contact", Fernet(SEAL)))
