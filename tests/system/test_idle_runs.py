"""A poll that hears of nothing costs little: it loads nothing that only people who changed are worked on with."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from standins.discovery import provider_names
from system.airflow_home import REPOSITORY
from system.members import MemberAssociation
from system.runs import Runs

pytestmark = pytest.mark.parametrize("provider", provider_names(), indirect=True, scope="session")

# A fresh process, as a worker starts one for each task.
IDLE_RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
ended = DagBag("dags").dags[sys.argv[1]].test()
states = {ti.task_id: str(ti.state) for ti in ended.get_task_instances()}
print(json.dumps({"states": states, "modules": sorted(sys.modules)}))
"""
HEAVY = ("pandas", "numpy", "great_expectations", "scipy")


def test_an_idle_run_loads_no_pandas(association: MemberAssociation, runs: Runs) -> None:
    association.member("Ann", association.list("News"))
    runs.sync()
    runs.sync()
    path = os.pathsep.join([str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")])
    command = [sys.executable, "-c", IDLE_RUN, runs.dag.dag_id]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["states"]["extract"], told["states"]["load"]) == ("success", "skipped")
    assert "crm_sync.pipeline.opt_outs" in told["modules"]
    assert [name for name in HEAVY if name in told["modules"]] == []
