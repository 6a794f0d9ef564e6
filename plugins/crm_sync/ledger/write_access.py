"""By which connection opt-outs are written to the CRM: the one by which it is read, or a second one where that leads to
a replica."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import ConfigError
from crm_sync.ledger.sources import POSTGRESQL

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.ledger.database import Database
    from crm_sync.ledger.sources import Source

SECOND = "crm_sync_crm_write_back"
READS_ONLY = (
    f"the CRM only reads (a replica, or default_transaction_read_only), and opt-outs must be written to it; make the"
    f" Airflow connection {SECOND}, of the type of crm_sync_crm, to its primary"
)


def no_second() -> Database | None:
    """Where the CRM has one connection alone."""
    return None


def require_sql(source: Source) -> None:
    """A ConfigError for a CRM that takes opt-outs neither by SQL nor by an API."""
    if source.database != POSTGRESQL:
        raise ConfigError(
            f"opt-outs cannot be written to {source.title} by SQL; name the module of its API as api in source.toml,"
            " as docs/adding-a-crm.md says, or switch off the providers that report opt-outs"
        )


def writable(crm: Database, connect_second: Callable[[], Database | None]) -> Database:
    """The CRM where opt-outs can be written by SQL. ``connect_second``: the CRM by the connection for them, None where
    there is none. A ConfigError if neither takes them."""
    if _may_write(crm):
        return crm
    second = connect_second()
    if second is None:
        raise ConfigError(READS_ONLY)
    if not _may_write(second):
        raise ConfigError(f"the connection {SECOND} only reads, too; make it lead to the primary of the CRM")
    if _identity(second) != _identity(crm):
        raise ConfigError(
            f"the connection {SECOND} leads to another CRM than crm_sync_crm; make it lead to its primary"
        )
    return second


def _may_write(crm: Database) -> bool:
    with crm.transaction(is_brief=True) as transaction:
        return bool(transaction.value("session/may_write"))


def _identity(crm: Database) -> str:
    with crm.transaction(is_brief=True) as transaction:
        return str(transaction.value("crm/comparison/position"))
