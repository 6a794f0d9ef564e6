"""Every kind of run at one size of association, stage by stage, in a process of its own; prints figures as JSON."""

from __future__ import annotations

import argparse
import json
import statistics
from math import ceil
from typing import Any

import requests

from benchmarks.meter import Meter, peak_memory_bytes
from crm_sync import providers, store
from crm_sync.model import RunState
from crm_sync.pipeline import STAGES, stage
from local.world import World

IDLE_RUNS = 5
CHANGED_SHARE = 0.01
CHANGE = "update crm.contact set first_name = 'Renamed' where contact_id <= %s"
PEOPLE = "select count(distinct contact_id) from crm.list_member join crm.list using (list_id) where sync_enabled"
PEOPLE_PER_LIST = (
    "select count(*) from crm.list_member join crm.list using (list_id) where sync_enabled group by list_id"
)


class Bench:
    """The association, the stand-in at ``url`` and the processes whose work is counted."""

    def __init__(self, world: World, url: str, processes: dict[str, int]) -> None:
        self.world = world
        self.url = url
        self.processes = processes

    def run(self, mode: str) -> dict[str, Any]:
        """A run: seconds by stage and in all, calls by route, the stand-in's own seconds, operations planned."""
        requests.delete(f"{self.url}/_standin/requests", timeout=60)
        meter = Meter(self.processes)
        counts = self._stages(mode, meter)
        asked = requests.get(f"{self.url}/_standin/requests", params={"entries": "0"}, timeout=60).json()
        return {
            "pieces": meter.pieces,
            "total": meter.total(),
            "calls": asked["by_route"],
            "calls_seconds": asked["seconds_by_route"],
            "operations": counts.get("plan", {}).get("planned", 0),
            "outcomes": counts.get("record", {}),
            "peak_bytes": peak_memory_bytes(),
        }

    def _stages(self, mode: str, meter: Meter) -> dict[str, dict[str, int]]:
        """As ``World.run``, each stage measured."""
        counts: dict[str, dict[str, int]] = {}
        with meter.piece("open"):
            sync = self.world.begin(mode)
            airflow_run_id = self.world.last_run_id()
        for name in STAGES:
            sync.run = store.load_run(self.world.state, self.world.provider, airflow_run_id)
            if sync.run.state is RunState.IDLE:
                break
            with meter.piece(name):
                counts[name] = stage(name)(sync)
        return counts

    def least_calls(self) -> dict[str, int]:
        """The fewest calls that a first synchronization can do with, by route."""
        sheet = providers.get(self.world.provider)
        people = self.world.crm_do(PEOPLE)[0][0]
        lists = [row[0] for row in self.world.crm_do(PEOPLE_PER_LIST)]
        return {
            "subscribe": ceil(people / sheet.batch_size("enroll")),
            "tag people": sum(ceil(each / sheet.batch_size("change_membership")) for each in lists),
            "make tags": len(lists),
        }


def measured(bench: Bench, contacts: int) -> dict[str, Any]:
    """All runs, in the order of an association's life."""
    changed = int(contacts * CHANGED_SHARE)
    figures: dict[str, Any] = {"contacts": contacts, "least_calls": bench.least_calls(), "first": bench.run("changes")}
    idle = [bench.run("changes") for _ in range(IDLE_RUNS)]
    figures["idle"] = idle[-1] | {"median_seconds": statistics.median(run["total"]["wall"] for run in idle)}
    figures["again"] = bench.run("full")
    bench.world.crm_do(CHANGE, changed)
    figures["changed"] = bench.run("changes") | {
        "contacts": changed,
        "least_calls": ceil(changed / providers.get(bench.world.provider).batch_size("enroll")),
    }
    return figures


def main() -> None:
    """Print the figures of one size as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("contacts", type=int)
    parser.add_argument("crm_dsn")
    parser.add_argument("state_dsn")
    parser.add_argument("url", help="the stand-in")
    parser.add_argument("--postgres", type=int, default=0, help="its process id")
    parser.add_argument("--service", type=int, default=0, help="process id of the stand-in")
    parser.add_argument("--first-only", action="store_true", help="the first synchronization alone, to look into")
    options = parser.parse_args()
    world = World(options.crm_dsn, options.state_dsn, options.url)
    bench = Bench(world, options.url, {"postgres": options.postgres, "service": options.service})
    figures = {"first": bench.run("changes")} if options.first_only else measured(bench, options.contacts)
    world.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
