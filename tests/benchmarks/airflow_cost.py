"""What Airflow adds to a run: idle runs through the DAG beside the same stages called one after the other."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from typing import Any

from system.airflow_home import REPOSITORY, use_own_airflow
from system.association import as_environment, connections

RUNS = 5


def timed(run: Any) -> list[float]:
    """Seconds of the second run and those after it; the first one also loads what all of them need."""
    seconds = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return seconds[1:]


def idle_run_of(dag: Any) -> None:
    """One run through every task that an idle run has; a RuntimeError where it was none."""
    ended = dag.test()
    states = {ti.task_id: str(ti.state) for ti in ended.get_task_instances()}
    if states.get("extract") != "success" or states.get("load") != "skipped":
        raise RuntimeError(f"this was no idle run: {states}")


def find_dag(provider: str) -> tuple[Any, float]:
    """A provider's DAG, and the seconds that importing Airflow and reading the file took."""
    began = time.perf_counter()
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(REPOSITORY / "dags")
    seconds = time.perf_counter() - began
    dag = bag.dags[f"crm_to_{provider}"]
    return dag, seconds


def make_ready(world: Any) -> None:
    """Airflow's database, the connections, and the key of the tokens that the runs before this left."""
    from airflow.utils.db import initdb

    from crm_sync import providers
    from local.world import SEAL, facts

    told, url = facts(world.provider), world.provider_url
    extra = {**told.EXTRAS, "base_url": url + told.API_PATH, **told.addresses_at(url)}
    account = {"conn_type": world.provider, "login": told.LOGIN, "password": told.KEY, "port": 443, "extra": extra}
    databases = connections(world.crm_dsn, world.state_dsn, url)
    os.environ.update(as_environment({**databases, providers.get(world.provider).connection_id: account}))
    os.environ["AIRFLOW__CORE__FERNET_KEY"] = SEAL.decode()
    initdb()


def main() -> None:
    """Print the medians as JSON. The databases must be those of an association that is in step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.airflow_cost", description=__doc__)
    parser.add_argument("provider")
    parser.add_argument("crm_dsn")
    parser.add_argument("state_dsn")
    parser.add_argument("url", help="the stand-in")
    options = parser.parse_args()
    use_own_airflow()
    dag, loading_seconds = find_dag(options.provider)

    from local.world import World  # after Airflow, whose loading is measured

    world = World(options.crm_dsn, options.state_dsn, options.url, provider=options.provider)
    make_ready(world)
    through_airflow = timed(lambda: idle_run_of(dag))
    in_process = timed(lambda: world.run("changes", airflow_run_id=f"bench_{time.monotonic_ns()}"))
    world.close()
    figures = {"loading": loading_seconds, "airflow": statistics.median(through_airflow)}
    print(json.dumps(figures | {"in_process": statistics.median(in_process)}))


if __name__ == "__main__":
    main()
