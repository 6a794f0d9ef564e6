"""One arena for all histories of a module, and how many histories are played."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from convergence.arena import Arena
from convergence.association import Association
from convergence.killable import Killable
from local.postgres import Postgres
from local.world import World
from standins.process import StandIn

HISTORIES = 20
# The same histories in every test run, so that a red one speaks of the change that made it so; a proof draws new ones.
SEED = 20261124


def pytest_report_header() -> str:
    """The seed, so that histories can be played again."""
    return f"convergence: {histories()} random histories, CRM_SYNC_PROVE_SEED={seed()}"


def is_a_proof() -> bool:
    """Whether `make prove N=...` asks, by CRM_SYNC_PROVE_HISTORIES."""
    return "CRM_SYNC_PROVE_HISTORIES" in os.environ


def histories() -> int:
    """How many random histories."""
    return int(os.environ.get("CRM_SYNC_PROVE_HISTORIES", HISTORIES))


def seed() -> int:
    """CRM_SYNC_PROVE_SEED; without it, the one of all test runs, or for a proof one drawn for the session."""
    drawn = random.SystemRandom().randrange(10**6) if is_a_proof() else SEED
    return int(os.environ.setdefault("CRM_SYNC_PROVE_SEED", str(drawn)))


@pytest.fixture(scope="module")
def arena(postgres: Postgres, crm_template: str) -> Iterator[Arena]:
    """CRM, state database and provider, all empty."""
    names = [f"convergence_{what}_{os.getpid()}" for what in ("crm", "state")]
    crm, state = postgres.create_database(names[0], template=crm_template), postgres.create_database(names[1])
    with StandIn("mailchimp") as standin, Killable() as killable:
        world = World(crm, state, standin.url)
        yield Arena(Association(crm), world, standin, killable)
        world.close()
    for name in names:
        postgres.drop_database(name)
