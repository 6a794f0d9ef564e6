"""What is sent was planned as rows: a task that only sends them loads none of what plans them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from architecture.source import PLUGINS, TESTS
from contract.people import add_five
from local.world import World

# A fresh process, as a worker starts one for each task.
LOAD_AND_RECORD = """
import json, sys
from contract.worlds import UNHURRIED
from local.world import World
world = World(*sys.argv[1:4], way=sys.argv[4], facts=UNHURRIED)
world.stage("load", sys.argv[5])
print(json.dumps({"counts": world.stage("record", sys.argv[5]), "modules": sorted(sys.modules)}))
"""
RENAMED = "update crm.contact set first_name = 'Renamed' where contact_id = 1"


def test_a_load_of_changed_people_loads_no_pandas(world: World) -> None:
    add_five(world.crm_dsn)
    world.run()
    world.crm_do(RENAMED)
    world.begin()
    run_id = world.last_run_id()
    for name in ("opt_outs", "extract", "validate", "transform", "plan"):
        world.stage(name, run_id)
    world.close()
    arguments = [world.crm_dsn, world.state_dsn, world.provider_url, world.way, run_id]
    path = os.pathsep.join(map(str, (PLUGINS, TESTS)))
    done = subprocess.run(
        [sys.executable, "-c", LOAD_AND_RECORD, *arguments],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["counts"]["applied"] >= 1
    assert [name for name in ("pandas", "numpy") if name in told["modules"]] == []
