"""One arena for all histories of a module, and how many histories are played."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from convergence import two_people
from convergence.arena import Arena
from convergence.association import CHANGES, Association
from convergence.killable import Killable
from convergence.members import MemberArena
from convergence.memberships import MEMBER_CHANGES
from crm_sync import providers
from local.postgres import Postgres
from local.world import World, ways
from standins.process import StandIn

STANDINS = Path(__file__).resolve().parent.parent / "standins"
HISTORIES = 8
# The same histories in every test run, so that a red one speaks of the change that made it so; a proof draws new ones.
SEED = 20261124


def pytest_report_header() -> str:
    """The seed, so that histories can be played again."""
    return f"convergence: {histories()} random histories, CRMSYNC_PROVE_SEED={seed()}"


def is_a_proof() -> bool:
    """Whether `make prove N=...` asks, by CRMSYNC_PROVE_HISTORIES."""
    return "CRMSYNC_PROVE_HISTORIES" in os.environ


def histories() -> int:
    """How many random histories."""
    return int(os.environ.get("CRMSYNC_PROVE_HISTORIES", HISTORIES))


def seed() -> int:
    """CRMSYNC_PROVE_SEED; without it, the one of all test runs, or for a proof one drawn for the session."""
    drawn = random.SystemRandom().randrange(10**6) if is_a_proof() else SEED
    return int(os.environ.setdefault("CRMSYNC_PROVE_SEED", str(drawn)))


PROVIDERS = [name for name in providers.names() if (STANDINS / name / "seen.py").exists()]
EMAIL_PROVIDERS = [name for name in PROVIDERS if providers.get(name).keyed_by == "address"]
MEMBER_PROVIDERS = [name for name in PROVIDERS if name not in EMAIL_PROVIDERS]
# A site of Higher Logic in each version of its API, for a test of ``arena``.
OF_A_SITE = [way for way in ways() if way.startswith("higher_logic")]
# Marks a told history that is played at all providers, not those of newsletters alone.
everywhere = pytest.mark.parametrize("arena", PROVIDERS, indirect=True)


@contextmanager
def opened(postgres: Postgres, crm_template: str, names: list[str]) -> Iterator[list[Arena]]:
    """One CRM and one state database, empty, with each of the providers at work on them, connected as their names
    say."""
    databases = [f"convergence_{what}_{os.getpid()}" for what in ("crm", "state")]
    crm, state = postgres.create_database(databases[0], template=crm_template), postgres.create_database(databases[1])
    with ExitStack() as stack:
        killable, association = stack.enter_context(Killable()), Association(crm, CHANGES | MEMBER_CHANGES)
        arenas = []
        for way in names:
            name = way.partition(":")[0]
            standin = stack.enter_context(StandIn(name))
            world = World(crm, state, standin.url, way=way)
            stack.callback(world.close)
            kind = Arena if name in EMAIL_PROVIDERS else MemberArena
            arenas.append(kind(association, world, standin, killable))
        yield arenas
    for name in databases:
        postgres.drop_database(name)


@pytest.fixture(scope="module")
def arenas(postgres: Postgres, crm_template: str) -> Iterator[list[Arena]]:
    """All providers on one CRM."""
    assert "mailchimp" in PROVIDERS
    with opened(postgres, crm_template, PROVIDERS) as made:
        yield made


@pytest.fixture(scope="module", params=EMAIL_PROVIDERS)
def arena(request: pytest.FixtureRequest, postgres: Postgres, crm_template: str) -> Iterator[Arena]:
    """One provider after the other, alone: those of newsletters, where the test does not say which."""
    with opened(postgres, crm_template, [request.param]) as (made,):
        yield made


@pytest.fixture
def played(arena: Arena) -> Arena:
    """Two synchronized lists; Ann in the first, Bob in the second; both brought across."""
    arena.reset()
    two_people.settle_in(arena.association)
    assert arena.run("changes")
    assert two_people.names_held(arena) == {"Ann", "Bob"}
    return arena
