"""Views on the tables of a CRM: installed, and dropped before the CRM's own upgrade, whose migrations cannot alter a
column that a view uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import ConfigError
from crm_sync.hooks.database import open_database
from crm_sync.ledger import sources

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "crm_sync_crm_owner"
ROLE = "crm_sync_pipeline"
_VIEWS, _ROLES, _DROP = "views.sql", "roles.sql", "drop_views.sql"


def install() -> None:
    """Create the views of the chosen CRM and the role, as the owner of its tables."""
    _play(_VIEWS, _ROLES)


def drop() -> None:
    """Drop all that ``install`` made, but for the role."""
    _play(_DROP)


def _play(*names: str) -> None:
    scripts = [_script(name) for name in names]
    with (
        open_database(OWNER, f"the CRM, by the connection {OWNER},") as database,
        database.transaction() as transaction,
    ):
        for script in scripts:
            transaction.script(script.read_text(encoding="utf-8"))


def _script(name: str) -> Path:
    source = sources.chosen()
    found = sources.SQL / "crm" / source.name / "install" / name
    if not found.is_file():
        raise ConfigError(f"no views belong into {source.title}; `crm-sync crm-sql` writes out what does, if anything")
    return found
