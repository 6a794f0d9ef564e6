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


def pytest_report_header() -> str:
    """The seed, so that histories can be played again."""
    return f"convergence: {histories()} random histories, CRM_SYNC_PROVE_SEED={seed()}"


def histories() -> int:
    """How many random histories: `make prove N=...` sets CRM_SYNC_PROVE_HISTORIES."""
    return int(os.environ.get("CRM_SYNC_PROVE_HISTORIES", HISTORIES))


def seed() -> int:
    """CRM_SYNC_PROVE_SEED, or one that is drawn and kept for the session."""
    return int(os.environ.setdefault("CRM_SYNC_PROVE_SEED", str(random.SystemRandom().randrange(10**6))))


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
