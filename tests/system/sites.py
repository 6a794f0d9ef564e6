"""An association with a real Airflow beside it: what tests of scheduler, triggerer, executor and API server drive."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from local.airflow import AirflowService, airflow_environment
from local.postgres import Postgres, free_port
from local.world import engine_url
from standins.process import StandIn
from system.association import as_environment
from system.connections import by_the_clock, connections_of
from system.members import MemberAssociation

RUN_SECONDS = 600.0
WATCH = "crm_sync_watch"


@dataclass
class Site:
    """Ann and Bob in the list ``news``, a provider's stand-in, and an Airflow that knows both; nothing has run yet."""

    association: MemberAssociation
    standin: StandIn
    airflow: AirflowService
    state_dsn: str
    dag_id: str
    news: int

    def begin(self) -> str:
        """Let Airflow run the DAG, a full run first; its run id."""
        self.airflow.client.await_dag(self.dag_id)
        run_id = self.airflow.client.trigger(self.dag_id, {"mode": "full"}, ahead_hours=1)
        self.airflow.client.unpause(self.dag_id)
        return run_id

    def run(self, **conf: object) -> str:
        """A run by hand over REST; the state it ended in."""
        return self.ended(self.airflow.client.trigger(self.dag_id, conf))

    def ended(self, run_id: str) -> str:
        """The state in which a run ends."""
        return self.airflow.client.await_run(self.dag_id, run_id, RUN_SECONDS)

    def why(self, run_id: str) -> str:
        """What the failed tasks of a run said."""
        return self.airflow.client.failed_task_logs(self.dag_id, run_id)

    def watch(self) -> None:
        """Let the watch look once, now."""
        self.airflow.client.await_dag(WATCH)
        run_id = self.airflow.client.trigger(WATCH)
        assert self.airflow.client.await_run(WATCH, run_id, RUN_SECONDS) == "success", "the watch failed"

    def let_days_pass(self, days: int = 4) -> None:
        """All that has ended, or is watched, has been so for days."""
        with psycopg.connect(self.state_dsn) as state:
            state.execute("update crm_sync.run set finished_at = finished_at - make_interval(days => %s)", [days])
            state.execute("update crm_sync.watch set since = since - make_interval(days => %s)", [days])

    def airflows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of Airflow's own database."""
        dsn = self.airflow.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
        with psycopg.connect(dsn) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(query).fetchall()

    def logs(self) -> str:
        """All that tasks wrote into Airflow's log folder."""
        files = sorted((self.airflow.home / "logs").glob(f"dag_id={self.dag_id}/**/*.log"))
        return "\n".join(f"{path}\n{path.read_text(errors='replace')}" for path in files)


@contextmanager
def open_site(
    postgres: Postgres,
    crm_template: str,
    provider: str,
    more: Mapping[str, str] | None = None,
    *,
    stores_connections: bool = False,
) -> Iterator[Site]:
    """A site whose databases and processes end with it; ``more`` goes into the environment of its Airflow.
    ``stores_connections``: they are in Airflow's own database, as somebody enters them in its pages."""
    with open_sites(postgres, crm_template, [provider], more, stores_connections=stores_connections) as made:
        yield made[provider]


@contextmanager
def open_sites(
    postgres: Postgres,
    crm_template: str,
    providers: Sequence[str],
    more: Mapping[str, str] | None = None,
    *,
    stores_connections: bool = False,
) -> Iterator[dict[str, Site]]:
    """A site for each provider; they share the association and the Airflow."""
    names = {each: f"site_{providers[0]}_{each}_{os.getpid()}" for each in ("crm", "state", "airflow")}
    crm_dsn = postgres.create_database(names["crm"], template=crm_template)
    state_dsn, metadata_dsn = (postgres.create_database(names[each]) for each in ("state", "airflow"))
    association, news = _two_members(crm_dsn)
    with tempfile.TemporaryDirectory(prefix="crm-sync-site-") as home, ExitStack() as stack:
        standins = {each: stack.enter_context(StandIn(each)) for each in providers}
        settings = {"CRM_SYNC_BACKOFF_SECONDS": "0.01", **by_the_clock(), **(more or {})}
        connections: dict[str, dict[str, Any]] = {}
        for each, standin in standins.items():
            connections |= connections_of(each, crm_dsn, state_dsn, standin)
        if not stores_connections:
            settings |= as_environment(connections)
        environment = airflow_environment(Path(home), metadata_dsn, free_port(), more=settings)
        for each, standin in standins.items():
            _allow(each, state_dsn, standin, environment)
        with AirflowService(Path(home), environment) as airflow:
            if stores_connections:
                airflow.client.add_connections(connections)
            yield {
                each: Site(association, standin, airflow, state_dsn, f"crm_to_{each}", news)
                for each, standin in standins.items()
            }
            airflow.process.kill()  # nothing of it is kept: no need to part gently
    for each in names.values():
        postgres.drop_database(each)


def _two_members(crm_dsn: str) -> tuple[MemberAssociation, int]:
    """Ann and Bob, and their list."""
    association = MemberAssociation(crm_dsn)
    news = association.list("News")
    for name in ("Ann", "Bob"):
        association.member(name, news)
    return association, news


def _allow(provider: str, state_dsn: str, standin: StandIn, environment: Mapping[str, str]) -> None:
    """Whatever it takes to be connected; a token is sealed with the key of the site's own Airflow."""
    from crm_sync.ledger import store
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.ledger.database import Database

    engine = create_engine(engine_url(state_dsn))
    state = Database(engine, "the state database")
    store.migrate(state)
    cipher = Fernet(environment["AIRFLOW__CORE__FERNET_KEY"])
    importlib.import_module(f"standins.{provider}.contract").prepare(standin, ClientState(state, provider, cipher))
    engine.dispose()
