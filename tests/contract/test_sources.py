"""What every source keeps, by whatever ways its CRM is changed: all arrives, once, and opt-outs go back and stay."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from contract import sources as ways
from contract import worlds
from contract.worlds import assert_in_step
from crm_sync.ledger import sources, statements
from crm_sync.pipeline import holding_back, opt_outs
from local.postgres import Postgres
from local.world import World
from standins import StandIn

_numbers = itertools.count(1)
CHANGES = ways.told(sources.REFERENCE).CHANGES
# One provider for each audience.
PROVIDERS = ["mailchimp", "higher_logic"]


@pytest.fixture(params=ways.NAMES)
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A source, chosen as an installation chooses it."""
    monkeypatch.setenv(sources.SETTING, request.param)
    statements.forget()
    yield str(request.param)
    monkeypatch.undo()
    statements.forget()


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def standin(provider: str, fresh_standin: Callable[[str], StandIn]) -> StandIn:
    return fresh_standin(provider)


@pytest.fixture
def settled(
    postgres: Postgres, source: str, provider: str, standin: StandIn, request: pytest.FixtureRequest
) -> Iterator[World]:
    """Three people of that CRM, brought across."""
    with worlds.world(postgres, ways.made(request, source), standin, provider) as world:
        for statement in filter(str.strip, ways.told(source).SETTLED.split(";\n")):
            world.crm_do(statement)
        with ways.api(request, source, world):
            world.run()
            assert_in_step(world, standin)
            yield world


def state_of_last_run(world: World) -> str:
    return str(world.query("select state from crm_sync.run order by run_id desc limit 1")[0][0])


def test_every_source_makes_the_same_changes() -> None:
    assert len(CHANGES) > 10
    for name in ways.NAMES:
        assert ways.told(name).CHANGES.keys() == CHANGES.keys(), name


def test_a_run_is_idle_where_nothing_changed(settled: World) -> None:
    settled.run()
    assert state_of_last_run(settled) == "idle"


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_arrives_and_is_sent_once(settled: World, standin: StandIn, source: str, change: str) -> None:
    settled.crm_do(ways.told(source).CHANGES[change])
    for _ in range(2):
        settled.run()
        assert_in_step(settled, standin)
    settled.run()
    assert state_of_last_run(settled) == "idle"
    standin.clear_requests()
    settled.run("full")
    assert [entry for entry in standin.requests()["requests"] if entry["method"] != "GET"] == []


@pytest.mark.parametrize("provider", ["mailchimp"], indirect=True)
def test_an_opt_out_goes_back_into_the_crm_and_is_not_read_as_a_change(settled: World, standin: StandIn) -> None:
    standin.act("unsubscribe", address="ann@example.org")
    assert settled.run()["opt_outs"]["do_not_contact_set"] == 1
    assert [bool(flag) for _, flag in settled.crm_do(ways.told(settled.source.name).FLAGS)] == [True, False]
    settled.run()
    assert_in_step(settled, standin)
    settled.run()
    assert state_of_last_run(settled) == "idle"


@pytest.fixture
def two_providers(
    postgres: Postgres, source: str, fresh_standin: Callable[[str], StandIn], request: pytest.FixtureRequest
) -> Iterator[list[tuple[World, StandIn]]]:
    """Three people of that CRM, brought across to both providers of newsletters."""
    first, second = fresh_standin("mailchimp"), fresh_standin("constant_contact")
    with worlds.world(postgres, ways.made(request, source), first, "mailchimp") as world:
        facts = worlds.facts("constant_contact")
        other = replace(
            world, provider_url=second.url, way="constant_contact", key=facts.KEY, extras=dict(facts.EXTRAS)
        )
        facts.prepare(second, other.client_state)
        for statement in filter(str.strip, ways.told(source).SETTLED.split(";\n")):
            world.crm_do(statement)
        both = [(world, first), (other, second)]
        with ways.api(request, source, world):
            other.connect_writer = world.connect_writer
            for each, _ in both:
                each.run()
            yield both
        other.close()


def gets_mail(world: World, standin: StandIn, address: str) -> bool:
    people = worlds.facts(world.way).people(standin.state())
    return bool(address in people and people[address][0])


@pytest.mark.parametrize("source", [name for name in ways.NAMES if sources.named(name).forgets_opt_outs], indirect=True)
def test_an_opt_out_that_the_crm_forgets_stands_everywhere_and_is_written_again(
    two_providers: list[tuple[World, StandIn]], source: str
) -> None:
    (world, standin), (other, other_standin) = two_providers
    assert gets_mail(other, other_standin, "ann@example.org")
    standin.act("unsubscribe", address="ann@example.org")
    for each, _ in two_providers:
        each.run()
    assert not gets_mail(other, other_standin, "ann@example.org")
    # Meanwhile the person has another address.
    for change in [ways.told(source).CHANGES["another address"], *ways.told(source).FORGETS]:
        world.crm_do(change)
        for each, _ in reversed(two_providers):
            each.run()
        assert [gets_mail(*each, "ann@example.org") for each in two_providers] == [False, False]
        assert [gets_mail(*each, "anna@example.org") for each in two_providers] == [False, False]
    for each, _ in two_providers:
        each.run()
    assert [bool(flag) for _, flag in world.crm_do(ways.told(source).FLAGS)].count(True) == 1
    assert world.crm_do(ways.told(source).FLAGS)[0][1]


@pytest.mark.parametrize("source", [name for name in ways.NAMES if sources.named(name).forgets_opt_outs], indirect=True)
def test_an_opt_out_that_another_run_has_just_found_forgotten_holds_in_this_one(
    two_providers: list[tuple[World, StandIn]], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (world, standin), (other, other_standin) = two_providers
    standin.act("unsubscribe", address="ann@example.org")
    for each, _ in two_providers:
        each.run()
    for change in ways.told(source).FORGETS:
        world.crm_do(change)
    # It asks who is held back just before the other run says that the opt-out must be written again.
    monkeypatch.setattr(holding_back, "held_back", lambda *_: {})
    with psycopg.connect(world.state_dsn) as connection:
        connection.execute("update crm_sync.opt_out set crm_written_at = null")
    monkeypatch.setattr(opt_outs, "write_back", lambda _: 0)
    other.run()
    assert not gets_mail(other, other_standin, "ann@example.org")
