"""Which kind of database an engine leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.ledger.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Engine


def database(engine: Engine, role: str) -> Database:
    """The database behind ``engine``. ``role``: its name in messages."""
    if engine.dialect.name == "postgresql":
        return Database(engine, role)
    from crm_sync.ledger.mariadb import MariaDatabase

    return MariaDatabase(engine, role)
