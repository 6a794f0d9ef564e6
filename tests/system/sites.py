"""An association with a real Airflow beside it: what tests of scheduler, triggerer, executor and API server drive."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from local.airflow import AirflowService, airflow_environment
from local.postgres import Postgres, free_port
from local.world import engine_url
from standins.process import StandIn
from system.association import Association, as_environment
from system.connections import connections_of

RUN_SECONDS = 300.0


@dataclass
class Site:
    """Ann and Bob in the list ``news``, a provider's stand-in, and an Airflow that knows both; nothing has run yet."""

    association: Association
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

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def logs(self) -> str:
        """All that tasks wrote into Airflow's log folder."""
        files = sorted((self.airflow.home / "logs").glob(f"dag_id={self.dag_id}/**/*.log"))
        return "\n".join(f"{path}\n{path.read_text(errors='replace')}" for path in files)


@contextmanager
def open_site(
    postgres: Postgres, crm_template: str, provider: str, more: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """A site whose databases and processes end with it; ``more`` goes into the environment of its Airflow."""
    names = {each: f"site_{provider}_{each}_{os.getpid()}" for each in ("crm", "state", "airflow")}
    crm_dsn = postgres.create_database(names["crm"], template=crm_template)
    state_dsn, metadata_dsn = (postgres.create_database(names[each]) for each in ("state", "airflow"))
    association = Association(crm_dsn)
    news = association.list("News")
    for name in ("Ann", "Bob"):
        association.contact(name, news)
    with tempfile.TemporaryDirectory(prefix="crm-sync-site-") as home, StandIn(provider) as standin:
        known = as_environment(connections_of(provider, crm_dsn, state_dsn, standin))
        settings = {**known, "CRM_SYNC_BACKOFF_SECONDS": "0.01", **(more or {})}
        environment = airflow_environment(Path(home), metadata_dsn, free_port(), more=settings)
        _allow(provider, state_dsn, standin, environment)
        with AirflowService(Path(home), environment) as airflow:
            yield Site(association, standin, airflow, state_dsn, f"crm_to_{provider}", news)
            airflow.process.kill()  # nothing of it is kept: no need to part gently
    for each in names.values():
        postgres.drop_database(each)


def _allow(provider: str, state_dsn: str, standin: StandIn, environment: Mapping[str, str]) -> None:
    """Whatever it takes to be connected; a token is sealed with the key of the site's own Airflow."""
    from crm_sync import store
    from crm_sync.database import Database
    from crm_sync.memory import Memory

    engine = create_engine(engine_url(state_dsn))
    state = Database(engine, "the state database")
    store.migrate(state)
    cipher = Fernet(environment["AIRFLOW__CORE__FERNET_KEY"])
    importlib.import_module(f"standins.{provider}.contract").prepare(standin, Memory(state, provider, cipher))
    engine.dispose()
