"""One run of ours in a process of its own that loads no more than it needs; prints the processor seconds of it all."""

from __future__ import annotations

import json
import os
import sys
import time

from benchmarks.pace import UNLIMITED
from local.world import World


def main() -> None:
    """Arguments: CRM, state database, stand-in and mode."""
    crm_dsn, state_dsn, url, mode = sys.argv[1:]
    world = World(crm_dsn, state_dsn, url, facts=dict(UNLIMITED))
    world.run(mode, airflow_run_id=f"peers_{os.getpid()}")
    world.close()
    print(json.dumps({"whole": time.process_time()}))


if __name__ == "__main__":
    main()
