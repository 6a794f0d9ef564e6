"""Both databases behind PgBouncer: a transaction is all that the pipeline may count on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import create_engine

from convergence.arena import SMALL, Arena
from convergence.two_people import names_held, settle_in
from crm_sync.errors import ConfigError
from crm_sync.ledger.database import Database
from local.pgbouncer import PgBouncer
from local.postgres import Postgres
from local.world import World, engine_url

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]


@contextmanager
def pooled(arena: Arena, pooler: PgBouncer) -> Iterator[World]:
    """The arena's CRM, ledger and provider, by way of the pooler."""
    direct = arena.world
    world = World(pooler.dsn(direct.crm_dsn), pooler.dsn(direct.state_dsn), direct.provider_url)
    world.facts = {**SMALL, "concurrency": 4}
    yield world
    world.close()


def settings_of(dsn: str) -> set[tuple[str, ...]]:
    """What other clients of the pool meet in both of its sessions."""
    asked = ("work_mem", "statement_timeout", "default_transaction_isolation", "search_path", "DateStyle")
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        return {tuple(str(session.execute(f"show {name}").fetchone()) for name in asked) for session in (one, other)}


def test_runs_go_through_a_pool_of_two_connections_and_leave_it_as_it_was(arena: Arena, postgres: Postgres) -> None:
    arena.reset()
    settle_in(arena.association)
    with PgBouncer(postgres) as pooler, pooled(arena, pooler) as world:
        before = [settings_of(dsn) for dsn in (world.crm_dsn, world.state_dsn)]
        for mode in ("changes", "full", "changes", "full", "backfill"):
            world.crm_do("update crm.contact set last_name = coalesce(last_name, '') || 'x'")
            asked = {"since": "2020-01-01", "until": "2100-01-01"} if mode == "backfill" else {}
            told = world.run(mode, **asked)["load"]
            assert (told["applied"] >= 2, told["refused"], told["deferred"]) == (True, 0, 0)
        assert [settings_of(dsn) for dsn in (world.crm_dsn, world.state_dsn)] == before
    assert names_held(arena) == {"Ann", "Bob"}


def test_a_pool_that_allows_no_transaction_is_refused_with_the_remedy(arena: Arena, postgres: Postgres) -> None:
    with PgBouncer(postgres, pool_mode="statement") as pooler:
        engine = create_engine(engine_url(pooler.dsn(arena.world.crm_dsn)))
        database = Database(engine, "the CRM")
        for _ in range(2):
            with pytest.raises(ConfigError, match=r"the CRM.*pool_mode to transaction"), database.transaction() as crm:
                crm.script("select 1")
        engine.dispose()
