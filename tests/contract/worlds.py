"""Makes worlds quickly: CRM and state database are copied from templates, the stand-in is shared."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine

from contract import sources as ways
from contract.people import wanted
from crm_sync import providers
from crm_sync.ledger import sources, store
from crm_sync.ledger.database import Database
from local.world import QUICK, World, engine_url
from local.world import facts as facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_sync.contract import Provider
    from local.postgres import Postgres
    from standins import StandIn

_numbers = itertools.count(1)

# Facts of a data sheet that only make tests wait.
UNHURRIED: dict[str, Any] = {"calls_per_second": None, "seconds_between_polls": 0}


def state_template(postgres: Postgres) -> str:
    """The name of a migrated state database, made once for each server."""
    name = f"state_template_{os.getpid()}"
    dsn = postgres.create_database(name)
    engine = create_engine(engine_url(dsn))
    store.migrate(Database(engine, "the state database"))
    engine.dispose()
    return name


@contextmanager
def world(postgres: Postgres, crm_template: str, standin: StandIn, way: str, **settings: Any) -> Iterator[World]:
    """A world of its own; ``settings`` replace those of a quick test. ``crm_template``: the database of PostgreSQL that
    its CRM is a copy of, or the URL of one elsewhere, to be taken as it is. ``way``: see ``facts``."""
    number = f"{os.getpid()}_{next(_numbers)}"
    crm, state = f"world_crm_{number}", f"world_state_{number}"
    made = World(
        crm_template if "://" in crm_template else postgres.create_database(crm, template=crm_template),
        postgres.create_database(state, template=state_template(postgres)),
        standin.url,
        way=way,
        settings=replace(QUICK, **settings),
        key=facts(way).KEY,
        extras=dict(facts(way).EXTRAS),
        facts=dict(UNHURRIED),
    )
    facts(way).prepare(standin, made.client_state)
    yield made
    made.close()
    postgres.drop_database(crm)
    postgres.drop_database(state)


def assert_in_step(made: World, standin: StandIn, *, strangers: frozenset[str] = frozenset()) -> None:
    """The provider holds exactly whom the CRM wants, in exactly their lists; every exception is a row."""
    told, sheet = facts(made.way), providers.get(made.provider)
    excepted = {
        row[0] for row in made.query("select subscriber_key from crm_sync.exceptions where subscriber_key is not null")
    }
    if sheet.keyed_by == "address":
        excepted |= _addresses_set_aside(made)
    expected = {who: lists for who, lists in _wanted(made, sheet).items() if who not in excepted}
    there = {
        who: lists if sheet.has_lists else frozenset()
        for who, (gets_mail, lists) in told.people(standin.state()).items()
        if gets_mail and who not in excepted | strangers
    }
    differing = {who for who in there.keys() | expected.keys() if there.get(who) != expected.get(who)}
    assert there == expected, {who: (there.get(who), expected.get(who)) for who in sorted(differing)[:10]}


def _wanted(made: World, sheet: Provider) -> dict[str, frozenset[str]]:
    if made.source.database != sources.MARIADB:
        return wanted(made.crm_dsn, sheet)
    rows = made.crm_do(ways.told(made.source.name).WANTED[sheet.keyed_by])
    if not sheet.has_lists:
        return {who: frozenset() for who, _ in rows}
    return {who: frozenset(names.split(",")) for who, names in rows if names}


def _addresses_set_aside(made: World) -> set[str]:
    """The addresses of contacts whose data is held back."""
    return {
        address
        for (contact_id,) in made.query("select contact_id from crm_sync.exceptions where what = 'contact'")
        for (address,) in made.crm_do(
            "select lower(btrim(address)) from crm.email_address where contact_id = %s", contact_id
        )
    }
