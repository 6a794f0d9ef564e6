"""The benchmarks at a size where they take seconds: what they say is true of every provider, times apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pyrate_limiter import Rate

from benchmarks import association, floors, source
from benchmarks.floor import post_everybody
from benchmarks.measure import Bench, measured, world_of
from benchmarks.pace import Turns, noted
from benchmarks.tables import KINDS, size_report
from crm_sync import providers
from crm_sync.transport import budget
from local.postgres import Postgres
from local.world import facts
from standins.discovery import provider_names
from standins.process import Controls, StandIn

PEOPLE = 50
NOBODY = {"postgres": 0, "service": 0}


@pytest.fixture(params=floors.names())
def bench(request: pytest.FixtureRequest, postgres: Postgres, crm: str, state_template: str) -> Iterator[Bench]:
    """A filled association, and the stand-in of each provider in turn."""
    name = f"bench_state_{request.param}"
    dsn = postgres.create_database(name, template=state_template)
    with psycopg.connect(crm) as connection:
        association.fill(connection, PEOPLE)
    with StandIn(request.param) as standin, noted() as turns:
        world = world_of(request.param, (crm, dsn), standin.url, at_pace=False)
        yield Bench(world, standin, NOBODY, turns)
        world.close()
    postgres.drop_database(name)


def there(provider: str, standin: Controls) -> dict[str, Any]:
    """What the stand-in holds, as far as the pipeline is to bring it there."""
    told, state = facts(provider), standin.state()
    return {what: getattr(told, what)(state) for what in ("people", "names", "lists")}


def test_whoever_is_measured_has_a_stand_in() -> None:
    assert floors.names()
    assert set(floors.names()) <= set(provider_names())


def test_no_run_writes_more_often_than_it_must(bench: Bench) -> None:
    figures = measured(bench, PEOPLE)
    assert {kind: figures[kind]["writes"] for kind in KINDS} == {kind: figures[kind]["fewest"] for kind in KINDS}
    assert figures["first"]["writes"] > 0
    assert figures["renamed"]["writes"] > 0
    ended = figures["first"]["outcomes"]
    assert ended["applied"] == ended["planned"] >= PEOPLE

    provider = bench.world.provider
    bench.standin.reset()
    posted = post_everybody(provider, bench.world.crm_dsn, bench.standin.url, NOBODY)
    report = size_report(figures | {"floor": posted, "floor_standin": posted}, providers.get(provider))
    assert f"Made: {figures['first']['fewest']:,} writes (+0)" in report


def test_the_floor_brings_the_same_and_nothing_else(bench: Bench) -> None:
    provider, standin = bench.world.provider, bench.standin
    bench.run("changes")
    brought = there(provider, standin)
    assert len(brought["people"]) == PEOPLE

    standin.reset()
    post_everybody(provider, bench.world.crm_dsn, standin.url, NOBODY)
    assert there(provider, standin) == brought


def test_all_clients_of_a_run_wait_for_their_turn_together() -> None:
    names = vars(budget)
    own = names["Limiter"]
    with noted() as turns:
        for _ in range(3):
            names["Limiter"](Rate(2, 200)).try_acquire("call")
        assert turns.seconds() > 0.05
        assert turns.seconds() == 0
    assert names["Limiter"] is own
    assert Turns().seconds() == 0


@pytest.mark.parametrize("name", source.SOURCES)
def test_a_compared_crm_is_measured_beside_the_bare_stream_of_its_rows(name: str) -> None:
    figures = source.figures_of(name, PEOPLE)
    assert figures.keys() == {"first", "idle", "stream"}
    assert all(each["own"] > 0 for each in figures.values())
    assert figures["idle"]["grown"] > 0
    assert name.upper() in source.report(name, {PEOPLE: figures})
