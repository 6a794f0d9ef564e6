"""An account of Constant Contact for the tests of this folder."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from local.world import SEAL
from standins import Fresh
from unit.providers.constant_contact_account import Account


@pytest.fixture
def account(fresh_standin: Fresh, state: Database) -> Account:
    """Connected, empty, and without a limit of calls in a second."""
    return Account(fresh_standin("constant_contact"), ClientState(state, "constant_contact", Fernet(SEAL)))
