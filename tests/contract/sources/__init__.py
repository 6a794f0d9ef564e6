"""What a CRM's own way of making each change is: one module for each source, found by the name of its folder.

A module has ``SCRIPTS`` (files that make the database, in order), ``SETTLED`` (SQL for three people: ann and bob in the
list News, ann with an active membership, eve in no list; eve is nobody's member) and ``CHANGES`` (the changes by name,
in SQL, the same names in every source), and ``FLAGS`` (the memberships, and whether each has Do Not Contact). One that
is not in PostgreSQL has ``WANTED``: whom the CRM wants where, by what an audience is keyed by.
"""

from __future__ import annotations

import importlib
import itertools
import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from crm_sync.ledger import sources
from local.mariadb import MariaDb
from local.postgres import Postgres
from local.world import World

LOCAL = Path(__file__).resolve().parents[2] / "local"
NAMES = sources.names()


def told(name: str) -> ModuleType:
    """The module of a source."""
    return importlib.import_module(f"contract.sources.{name}")


_numbers = itertools.count(1)


def made(request: pytest.FixtureRequest, name: str) -> str:
    """What ``worlds.world`` makes the CRM of: a database to copy, or the URL of an empty one in MariaDB."""
    if sources.named(name).database != sources.MARIADB:
        return template(request.getfixturevalue("postgres"), name)
    server: MariaDb = request.getfixturevalue("mariadb")
    script = "".join(Path(script).read_text(encoding="utf-8") for script in told(name).SCRIPTS)
    return server.create_database(f"source_{name}_{next(_numbers)}", script)


def api(request: pytest.FixtureRequest, name: str, world: World) -> AbstractContextManager[Any]:
    """The API that takes opt-outs of that CRM's world, if it has one."""
    found: AbstractContextManager[Any] = told(name).api(request, world) if sources.named(name).api else nullcontext()
    return found


@cache
def template(postgres: Postgres, name: str) -> str:
    """The name of an empty database of that CRM, with what the pipeline needs in it."""
    database = f"source_{name}_{os.getpid()}"
    with psycopg.connect(postgres.create_database(database)) as connection:
        for script in told(name).SCRIPTS:
            connection.execute(Path(script).read_text(encoding="utf-8").encode())
    return database
