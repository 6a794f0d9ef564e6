"""Opens the two databases for the length of a page, with a limit of time, and brings the state database up to date
once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm_sync.hooks.database import CRM, STATE, shared_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_sync.ledger.database import Database, Transaction

_migrated: set[str] = set()


@contextmanager
def state_database() -> Iterator[Database]:
    """The state database, migrated. A CrmSyncError where it cannot be had."""
    with shared_database(*STATE) as state:
        _migrate_once(state)
        yield state


@contextmanager
def state_reading() -> Iterator[Transaction]:
    """One transaction in the state database; what it writes is kept at its end."""
    with state_database() as state, state.transaction() as transaction:
        transaction.run("session/limit_time")
        yield transaction


@contextmanager
def crm_database() -> Iterator[Database]:
    """The CRM."""
    with shared_database(*CRM) as crm:
        yield crm


@contextmanager
def crm_reading() -> Iterator[Transaction]:
    """One transaction in the CRM."""
    with crm_database() as crm, crm.transaction() as transaction:
        transaction.run("session/limit_time")
        yield transaction


def _migrate_once(state: Database) -> None:
    from crm_sync.ledger import store  # loads psycopg

    name = str(state.engine.url)
    if name not in _migrated:
        store.migrate(state)
        _migrated.add(name)
