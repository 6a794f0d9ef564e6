"""An association with its Tendenci, and the pipeline that keeps all four providers in step with it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from contract import sources as ways
from contract import worlds
from crm_sync import providers
from local.postgres import Postgres
from local.world import World
from standins import Fresh, StandIn
from tendenci.running import FILLED, Tendenci

SOURCE = "tendenci"
LOGIN = "tendenci_reader"
# The views and the rights, as an administrator runs them.
INSTALL = [script for script in ways.told(SOURCE).SCRIPTS if script.parent.name == "install"]
GRANT = f"""
    do $$ begin create role {LOGIN} login; exception when duplicate_object then null; end $$;
    grant crm_sync_pipeline to {LOGIN};
"""
_numbers = itertools.count(1)


def run_script(dsn: str, text: str) -> None:
    """SQL, as the owner of the tables."""
    with psycopg.connect(dsn) as connection:
        connection.execute(text.encode())


def install(dsn: str) -> None:
    """What the page about Tendenci says, on the database behind ``dsn``."""
    for script in INSTALL:
        run_script(dsn, script.read_text(encoding="utf-8"))
    run_script(dsn, GRANT)


def as_login(dsn: str, user: str = LOGIN) -> str:
    """The same database for another user."""
    place = urlsplit(dsn)
    return urlunsplit(place._replace(netloc=f"{user}@{place.hostname}:{place.port}"))


@dataclass
class Side:
    """One provider and the pipeline that serves it."""

    world: World
    standin: StandIn

    def holds(self) -> dict[str, frozenset[str]]:
        """Who gets mail, or is a member, there, with the names of their lists."""
        sheet, told = providers.get(self.world.provider), worlds.facts(self.world.way)
        return {
            who: lists if sheet.has_lists else frozenset()
            for who, (gets_mail, lists) in told.people(self.standin.state()).items()
            if gets_mail
        }

    def excepted(self) -> dict[str, str]:
        """Who is a row of the exceptions, with the reason."""
        found = self.world.query(
            "select subscriber_key, reason from crm_sync.exceptions where subscriber_key is not null and provider = %s",
            self.world.provider,
        )
        return {str(who): str(reason) for who, reason in found}

    def state_of_last_run(self) -> str:
        """How the newest run ended."""
        newest = "select state from crm_sync.run where provider = %s order by run_id desc limit 1"
        return str(self.world.query(newest, self.world.provider)[0][0])


@dataclass
class Association:
    """One Tendenci, and whoever is to be in step with it."""

    tendenci: Tendenci
    owner_dsn: str
    sides: dict[str, Side] = field(default_factory=dict)
    flags_before: list[dict[str, Any]] = field(default_factory=list)

    def __getitem__(self, provider: str) -> Side:
        return self.sides[provider]

    def does(self, deed: str, **details: Any) -> Any:
        """Something happens there; see drivers/deeds.py."""
        return self.tendenci(f"deeds.{deed}", **details)

    def run(self, mode: str = "changes") -> None:
        """A run of each provider."""
        for side in self.sides.values():
            side.world.run(mode)

    def assert_as_tendenci_says(self) -> None:
        """Each provider holds exactly whom Tendenci's own ORM names, but for those who are rows of the exceptions."""
        wanted = self.tendenci("oracle.wanted")
        for name, side in self.sides.items():
            excepted = side.excepted()
            there = {who: lists for who, lists in side.holds().items() if who not in excepted}
            expected = {who: frozenset(lists) for who, lists in wanted[name].items() if who not in excepted}
            differing = {who for who in there.keys() | expected.keys() if there.get(who) != expected.get(who)}
            assert not differing, (name, {who: (there.get(who), expected.get(who)) for who in sorted(differing)[:10]})


@contextmanager
def association(
    postgres: Postgres, tendenci: Tendenci, fresh_standin: Fresh, names: list[str]
) -> Iterator[Association]:
    """A copy of the filled one, with empty providers of those names, and nothing sent yet."""
    crm = f"tendenci_{os.getpid()}_{next(_numbers)}"
    tendenci("installing.leave")
    owner = postgres.create_database(crm, template=FILLED)
    tendenci("installing.use", database=crm)
    state = postgres.create_database(f"{crm}_state", template=worlds.state_template(postgres))
    made = Association(tendenci, owner)
    with ExitStack() as stack:
        for name in names:
            made.sides[name] = _side(as_login(owner), state, fresh_standin(name), name)
            stack.callback(made[name].world.close)
        yield made
    tendenci("installing.leave")
    postgres.drop_database(crm)
    postgres.drop_database(f"{crm}_state")


def _side(crm: str, state: str, standin: StandIn, name: str) -> Side:
    facts = worlds.facts(name)
    unhurried, extras = dict(worlds.UNHURRIED), dict(facts.EXTRAS)
    world = World(crm, state, standin.url, way=name, key=facts.KEY, extras=extras, facts=unhurried)
    facts.prepare(standin, world.client_state)
    return Side(world, standin)
