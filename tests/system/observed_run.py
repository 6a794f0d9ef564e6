"""Runs of a DAG in a process of their own, with the metrics that a worker's task has and the listeners of Airflow's
plugins, both of which Airflow reads from the environment at its start."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from airflow.sdk.configuration import conf
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils

from system.runs import Runs, dag_of


def main(provider: str, answer: Path) -> None:
    """A first run, its last task once more, and a run that finds nothing changed; the counts that record returned go
    into ``answer``."""
    # What the task runner begins with, and dag.test() leaves out.
    stats.initialize(
        factory=stats_utils.get_stats_factory(), export_legacy_names=conf.getboolean("metrics", "legacy_names_on")
    )
    runs = Runs(dag_of(provider), "", [])
    runs.sync()
    counts = runs.result("record")
    again = runs.again("record")
    runs.sync()
    answer.write_text(json.dumps({"record": counts, "again": again, "idle": runs.states["record"]}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
