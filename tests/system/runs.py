"""Runs of the DAG by Airflow's own ``dag.test()``: every task through the task SDK, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass
class Runs:
    """The DAG, and the state database of its runs."""

    dag: Any
    state_dsn: str

    def run(self, **params: Any) -> str:
        """A run with these params; the state it ended in. Its tasks' states are in ``states``."""
        self.last = self.dag.test(run_conf=params)
        self.states = {ti.task_id: str(ti.state) for ti in self.last.get_task_instances()}
        return str(self.last.state)

    def sync(self, **params: Any) -> None:
        """A run that must succeed."""
        ended = self.run(**params)
        assert ended == "success", self.states

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(query, parameters or None).fetchall()  # type: ignore[arg-type]
