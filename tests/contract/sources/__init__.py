"""What a CRM's own way of making each change is: one module for each source, found by the name of its folder.

A module has ``SCRIPTS`` (files that make the database, in order), ``SETTLED`` (SQL for three people: ann and bob in the
list News, ann with an active membership, eve in no list; eve is nobody's member) and ``CHANGES`` (the changes by name,
in SQL, the same names in every source).
"""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from types import ModuleType

import psycopg

from crm_sync.ledger import sources
from local.postgres import Postgres

LOCAL = Path(__file__).resolve().parents[2] / "local"
NAMES = sources.names()


def told(name: str) -> ModuleType:
    """The module of a source."""
    return importlib.import_module(f"contract.sources.{name}")


@cache
def template(postgres: Postgres, name: str) -> str:
    """The name of an empty database of that CRM, with what the pipeline needs in it."""
    database = f"source_{name}_{os.getpid()}"
    with psycopg.connect(postgres.create_database(database)) as connection:
        for script in told(name).SCRIPTS:
            connection.execute(Path(script).read_text(encoding="utf-8").encode())
    return database
