"""Runs of the DAG by Airflow's own ``dag.test()``: every task through the task SDK, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from system.airflow_home import REPOSITORY
from system.association import assert_nobody_is_named

DEFAULTS = {"mode": "changes", "dry_run": False, "allow_removals": False}


@dataclass
class Runs:
    """The DAG, and the state database of its runs. After a run: ``last`` is Airflow's run, ``states`` its tasks'.

    ``secrets``: what must be in no log.
    """

    dag: Any
    state_dsn: str
    secrets: list[str]
    last: Any = None

    def run(self, **params: Any) -> str:
        """A run with these params; the state it ended in."""
        # All of them, each time: Airflow writes a run's params into the DAG, which a worker reads anew for each task.
        self.last = self.dag.test(run_conf={**DEFAULTS, **params})
        return str(self.last.state)

    def sync(self, **params: Any) -> None:
        """A run that must succeed."""
        ended = self.run(**params)
        assert ended == "success", self.states

    @property
    def states(self) -> dict[str, str]:
        """Task id → state, of the last run."""
        return {ti.task_id: str(ti.state) for ti in self.last.get_task_instances()}

    def tries(self, stage: str) -> int:
        """How often a task of the last run was tried."""
        return int(self.last.get_task_instance(stage).try_number)

    def result(self, stage: str) -> dict[str, Any]:
        """What a task of the last run returned."""
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session

        with create_session() as session:
            query = XComModel.get_many(run_id=self.last.run_id, task_ids=stage, dag_ids=self.dag.dag_id)
            (row,) = session.scalars(query).all()
            return dict(XComModel.deserialize_value(row))

    def again(self, stage: str, of: Any = None) -> str:
        """Clear a task of a run that has ended and run it alone; the state it ended in."""
        from airflow.sdk.definitions.dag import _run_task
        from airflow.utils.session import create_session

        with create_session() as session:
            ti = (of or self.last).get_task_instance(stage, session=session)
            ti.try_number += 1
            session.commit()
            session.expunge(ti)
        _run_task(ti=ti, task=self.dag.task_dict[stage])
        return str(ti.state.value)

    def run_id_in_links(self) -> str:
        """The last run's id as Airflow's addresses spell it."""
        return quote(self.last.run_id)

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(query, parameters or None).fetchall()


def dag_of(provider: str) -> Any:
    """The provider's DAG, with Airflow's own database ready for its runs."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(REPOSITORY / "dags")
    assert not bag.import_errors
    return bag.dags[f"crm_to_{provider}"]


def watched_runs(dag: Any, state_dsn: str, key: str, capfd: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    """Runs of a DAG; no log of any task may name a person, the key or what a test adds to ``secrets``."""
    runs = Runs(dag, state_dsn, [key])
    yield runs
    said = capfd.readouterr()
    log = said.out + said.err
    # Where nothing has run, there need be no log; what there is must be as discreet.
    assert_nobody_is_named(log, dag.dag_id if runs.last else "", runs.secrets)
