"""One case tried in this process: a CRM, a state database, stand-ins, stages by name, and hands on all of them.

tests/README.md shows it. What is public here stays as it is.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine

from local.crm_data import create_schema
from local.postgres import Postgres
from local.world import World, facts
from standins import StandIn

# Ann (1) is in list 1 "News", Bob (2) in list 2 "Board"; both are Active members.
TWO_PEOPLE = """
    insert into crm.list (list_id, name, sync_enabled) values (1, 'News', true), (2, 'Board', true);
    insert into crm.membership_type (membership_type_id, name) values (1, 'Regular');
    insert into crm.contact (contact_id, first_name) values (1, 'Ann'), (2, 'Bob');
    insert into crm.email_address (contact_id, address, is_primary)
        values (1, 'ann@example.org', true), (2, 'bob@example.org', true);
    insert into crm.membership (contact_id, membership_type_id, status, started_on)
        values (1, 1, 'active', '2026-01-01'), (2, 1, 'active', '2026-01-01');
    insert into crm.list_member (list_id, contact_id) values (1, 1), (2, 2)
"""
# Longer than two polls overlap: whatever is done by hand is found by the poll after it, not by luck.
SECONDS_PER_DEED = 660


class Side:
    """One database on a PostgreSQL server of its own: the CRM's, or the state's."""

    def __init__(self, directory: Path, name: str) -> None:
        directory.mkdir()
        directory.chmod(0o755)
        self.server, self.name = Postgres(directory), name
        self.server.start()
        self.dsn = self.server.create_database(name)
        self.users: list[Engine] = []  # whose connections end with the server

    def connect(self, isolation: str = "") -> psycopg.Connection[Any]:
        """A connection with an open transaction, for whoever commits late. ``isolation``: for example
        "REPEATABLE READ"."""
        connection = psycopg.connect(self.dsn)
        if isolation:
            connection.execute(f"set transaction isolation level {isolation}")
        return connection

    def do(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Statements in a transaction of their own; the rows of the last, if it has any."""
        with psycopg.connect(self.dsn) as connection:
            cursor = connection.execute(text, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def crash(self) -> None:
        """The server ends at once, as by a power cut, and starts again."""
        self._restart("immediate")

    def image(self) -> Path:
        """A copy of the whole server as it is now."""
        copy = Path(tempfile.mkdtemp(prefix="image-", dir=self.server.directory.parent)) / "data"
        self._restart(meanwhile=lambda: _copy_tree(self.server.data, copy))
        return copy

    def put_back(self, image: Path) -> None:
        """The server becomes what it was when the image was taken."""
        self._restart(meanwhile=lambda: _copy_tree(image, self.server.data))

    def _restart(self, how: str = "fast", meanwhile: Callable[[], None] = lambda: None) -> None:
        self.server.stop(how)
        meanwhile()
        self.server.start()
        for engine in self.users:
            engine.dispose()


def _copy_tree(source: Path, target: Path) -> None:
    """The files with their owners: the server runs as another user than root."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", source, target], check=True)


@dataclass
class Site:
    """One provider's stand-in with the pipeline that serves it."""

    world: World
    standin: StandIn

    @property
    def _seen(self) -> Any:
        return importlib.import_module(f"standins.{self.world.provider}.seen")

    def settings(self, **changes: Any) -> None:
        """Other settings from now on, by the names of crm_sync.settings.Settings."""
        self.world.settings = replace(self.world.settings, **changes)

    def run(self, mode: str = "changes", **options: Any) -> dict[str, dict[str, int]]:
        """A whole run; the counts of each stage. An error of a stage is raised."""
        return self.world.run(mode, **options)

    def begin(self, mode: str = "changes", **options: Any) -> str:
        """Open a run; what ``stage`` is given."""
        self.world.begin(mode, **options)
        return self.world.last_run_id()

    def stage(self, name: str, run: str) -> dict[str, int]:
        """One stage of an open run, as its Airflow task does it; its counts."""
        return self.world.stage(name, run)

    def approve(self, who: str = "chair") -> bool:
        """Somebody lets the plan that the brake holds pass: the next run may take away as much. Whether it still
        waited."""
        return self.world.answer(approves=True, who=who)

    def reject(self, who: str = "chair") -> bool:
        """Somebody decides that the held plan is not to be sent; whether it still waited."""
        return self.world.answer(approves=False, who=who)

    def hands(self, action: str, **details: Any) -> Any:
        """Something done at the provider without its API; standins/<provider>/by_hand.py has the actions."""
        self.standin.clock(advance_seconds=SECONDS_PER_DEED)
        return self.standin.act(action, **details)

    def people(self) -> dict[str, dict[str, Any]]:
        """Whom the provider has: by address, or by contact id where it holds members. seen.py says what of each."""
        state = self.standin.state()
        if hasattr(self._seen, "members"):
            members: dict[str, dict[str, Any]] = self._seen.members(state)
            return members
        return {each["address"].lower(): each for each in self._seen.people(state)}

    def lists(self) -> list[str]:
        """The names of the lists there."""
        names: list[str] = self._seen.lists(self.standin.state())
        return names

    def exceptions(self) -> list[tuple[Any, ...]]:
        """what, contact_id, subscriber_key, list_id, reason of everybody and everything that is not as the CRM says."""
        return self.world.query(
            "select what, contact_id, subscriber_key, list_id, reason from crm_sync.exceptions where provider = %s",
            self.world.provider,
        )

    def last_run(self) -> dict[str, Any]:
        """The newest run, a row of crm_sync.run_summary."""
        return dict(
            zip(
                ("mode", "state", "notice", "planned", "applied", "refused", "deferred", "set_aside"),
                self.world.query(
                    "select mode, state, notice, planned, applied, refused, deferred, set_aside"
                    " from crm_sync.run_summary where provider = %s order by run_id desc limit 1",
                    self.world.provider,
                )[0],
                strict=True,
            )
        )


@dataclass
class Trial:
    """An association and its providers. ``trial["mailchimp"]`` is one of them."""

    crm: Side
    state: Side
    sites: dict[str, Site]

    def __getitem__(self, provider: str) -> Site:
        return self.sites[provider]

    def close(self) -> None:
        """Give the connections back."""
        for site in self.sites.values():
            site.world.close()


@contextmanager
def trial(*providers: str, begins_with: str = TWO_PEOPLE, in_step: bool = True) -> Iterator[Trial]:
    """Everything started, the CRM filled by ``begins_with``; ``in_step``: and brought across to each provider."""
    directory = Path(tempfile.mkdtemp(prefix="crm-sync-trial-"))
    directory.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, directory)
        crm, state = Side(directory / "crm", "crm"), Side(directory / "state", "state")
        stack.callback(crm.server.stop)
        stack.callback(state.server.stop)
        with crm.connect() as connection:
            create_schema(connection)
        crm.do(begins_with)
        sites = {name: _site(stack, crm, state, name) for name in providers}
        tried = Trial(crm, state, sites)
        stack.callback(tried.close)
        for site in sites.values() if in_step else ():
            site.run()
        yield tried


def _site(stack: ExitStack, crm: Side, state: Side, provider: str) -> Site:
    standin = stack.enter_context(StandIn(provider))
    world = World(crm.dsn, state.dsn, standin.url, provider=provider)
    crm.users.append(world.crm.engine)
    state.users.append(world.state.engine)
    seen = importlib.import_module(f"standins.{provider}.seen")
    if seen.TUNED:
        standin.switch(**seen.TUNED)
    facts(provider).prepare(standin, world.client_state)
    return Site(world, standin)
