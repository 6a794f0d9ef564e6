"""Processor seconds that the tasks of a run take, each a process that Airflow's own supervisor starts, as on a worker:
of an idle run, and of one for ten people who changed."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.airflow_cost import find_dag, make_ready
from system.airflow_home import use_own_airflow

RUNS = 3
RENAME = "update crm.contact set first_name = first_name || 'x' where contact_id between 1 and 10"


def processor_seconds() -> float:
    """Of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Tasks:
    """Runs tasks in place of ``dag.test()``'s own way, which runs them in this process."""

    def __init__(self, dag: Any, logs: Path) -> None:
        self.dag, self.logs = dag, logs
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, int] = {}

    def run(self, *, ti: Any, **_: Any) -> None:
        """One task, as ``airflow.sdk.definitions.dag._run_task``."""
        from airflow.executors.workloads import BundleInfo
        from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor, supervise_task

        log = self.logs / ti.run_id / ti.task_id
        log.parent.mkdir(parents=True, exist_ok=True)
        before = processor_seconds()
        supervise_task(
            ti=_queued(ti),
            bundle_info=BundleInfo(name="dags-folder", version=None),
            dag_rel_path="crm_sync_dags.py",
            token="",
            client=InProcessTestSupervisor._api_client(self.dag),
            log_path=str(log),
        )
        self.seconds[ti.task_id] = processor_seconds() - before
        self.lines[ti.task_id] = len(log.read_text().splitlines())
        ti.refresh_from_db()

    def of_a_run(self) -> dict[str, Any]:
        """Seconds by task, and lines of their logs; a RuntimeError where the run failed."""
        self.seconds, self.lines = {}, {}
        ended = self.dag.test()
        if ended.state != "success":
            raise RuntimeError(f"the run ended as {ended.state}")
        return {"seconds": self.seconds, "all": sum(self.seconds.values()), "lines": self.lines}


def _queued(ti: Any) -> Any:
    """As a worker is handed it."""
    from airflow.sdk.api.datamodels._generated import TaskInstance
    from airflow.utils.state import TaskInstanceState

    ti.set_state(TaskInstanceState.QUEUED)
    told = {name: getattr(ti, name) for name in ("task_id", "dag_id", "run_id", "try_number", "map_index")}
    return TaskInstance(id=UUID(str(ti.id)), dag_version_id=UUID(str(ti.dag_version_id)), **told)


def median_of(tasks: Tasks, prepare: Callable[[], None]) -> dict[str, Any]:
    """The median of some runs, by what they take in all."""
    found = []
    for _ in range(RUNS):
        prepare()
        found.append(tasks.of_a_run())
    middle = statistics.median_low(each["all"] for each in found)
    return next(each for each in found if each["all"] == middle)


def main() -> None:
    """Print both as JSON. The databases must be those of an association that is in step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.task_cost", description=__doc__)
    for name in ("provider", "crm_dsn", "state_dsn", "provider_url"):
        parser.add_argument(name)
    place = parser.parse_args()
    home = use_own_airflow()
    dag, _ = find_dag(place.provider)
    make_ready(place)
    import airflow.sdk.definitions.dag as running

    tasks = Tasks(dag, home / "task_logs")
    running._run_task = tasks.run
    for name in [name for name in sys.modules if name.split(".")[0] == "crm_sync"]:
        del sys.modules[name]  # a worker has none of it when it starts a task

    def rename() -> None:
        with psycopg.connect(place.crm_dsn) as connection:
            connection.execute(RENAME)

    median_of(tasks, lambda: None)  # a state that is in step by now, and an Airflow that has begun
    print(json.dumps({"idle": median_of(tasks, lambda: None), "ten": median_of(tasks, rename)}))


if __name__ == "__main__":
    main()
