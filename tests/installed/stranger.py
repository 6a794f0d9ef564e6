"""What a stranger does with the package, step by step, and what they then look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from crm_sync import pages
from installed.place import Place
from local.airflow import AirflowService
from local.background import await_until
from local.demo_standins import DemoStandin
from local.wheel import DAG_FILE
from standins.process import Controls
from workers.scene import findings

DAG_SECONDS, RUN_SECONDS = 120.0, 600.0
BRAKED = "mailchimp"
RESTING = ("awaiting_input", "deferred")


@dataclass
class Stranger:
    """Their environment, the providers' stand-ins, and the databases by name."""

    place: Place
    standins: dict[str, DemoStandin]
    dsns: dict[str, str]
    run_ids: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        self.airflow.stop()

    @property
    def airflow(self) -> AirflowService:
        """Their Airflow, once it was started."""
        return AirflowService(self.place.home, self.place.environment, self.place.programs)

    def write_two_lines(self) -> None:
        """The file of the DAGs folder."""
        (self.place.home / "dags/crm_sync_dags.py").write_text(DAG_FILE)

    def synchronize(self) -> dict[str, str]:
        """A full run of each provider, side by side; how each ended."""
        client = self.airflow.client
        for name in self.standins:
            client.await_dag(pages.dag_of(name), DAG_SECONDS)
            # Before the scheduled run that unpausing calls up.
            self.run_ids[name] = client.trigger(pages.dag_of(name), {"mode": "full"}, ahead_hours=24)
            client.unpause(pages.dag_of(name))
        return {name: self.ended(name, run_id) for name, run_id in self.run_ids.items()}

    def ended(self, provider: str, run_id: str) -> str:
        """The state of a run of a provider's, once it is over."""
        return self.airflow.client.await_run(pages.dag_of(provider), run_id, RUN_SECONDS)

    def why(self, provider: str) -> str:
        """The logs of a run that failed."""
        return self.airflow.client.failed_task_logs(pages.dag_of(provider), self.run_ids[provider])

    def findings(self, provider: str) -> list[str]:
        """Where provider and CRM differ."""
        return findings(provider, self.dsns, Controls(self.standins[provider].url))

    def ask(self, database: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a database."""
        with psycopg.connect(self.dsns[database]) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def asked_in(self) -> str:
        """The run in which Airflow asks about the plan that is held, once its task rests."""
        client = self.airflow.client

        def asking() -> list[str]:
            runs = client.run_ids(pages.APPROVAL_DAG)
            return [each for each in runs if client.task_states(pages.APPROVAL_DAG, each)["ask"] in RESTING]

        assert await_until(lambda: bool(asking()), RUN_SECONDS, 1)
        (run_id,) = asking()
        return run_id

    def airflow_log(self) -> str:
        """What all components of Airflow said, tasks left out."""
        return Path(self.airflow.process.log).read_text(errors="replace")

    def sync(self, *options: str) -> str:
        """``crm-sync sync``; the id of the run that it started."""
        done = self.place.run("crm-sync", "sync", "--provider", BRAKED, *options)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]
