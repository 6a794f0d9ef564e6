"""Every kind of run at one size of association, stage by stage, in a process of its own; prints figures as JSON."""

from __future__ import annotations

import argparse
import json
import statistics
from typing import Any

from benchmarks import association
from benchmarks.floors import floor_of
from benchmarks.meter import Meter, peak_memory_bytes
from benchmarks.pace import UNLIMITED, Turns, noted
from crm_sync.errors import UnderWayError
from crm_sync.ledger import store
from crm_sync.model import RunState
from crm_sync.pipeline import STAGES, run_stage
from local.world import World, facts
from standins.process import Controls

IDLE_RUNS = 5
HOURS_LATER = 12
TEN = 10


class Bench:
    """The association, the stand-in of its provider, the processes whose work is counted, and whose turn is noted."""

    def __init__(self, world: World, standin: Controls, processes: dict[str, int], turns: Turns) -> None:
        self.world = world
        self.standin = standin
        self.floor = floor_of(world.provider)
        self._processes = processes
        self._turns = turns
        self._looks = 0
        facts(world.provider).prepare(self.standin, world.client_state)
        self.standin.switch(**self.floor.AT_ONCE)

    def run(self, mode: str) -> dict[str, Any]:
        """A run: seconds by stage and in all, calls by route, the stand-in's own seconds, operations planned."""
        self.standin.clear_requests()
        self._turns.seconds()
        meter, self._looks = Meter(self._processes), 0
        counts = self._stages(mode, meter)
        asked = self.standin.requests(entries=0)
        return {
            "pieces": meter.pieces,
            "total": meter.total(),
            "waited_seconds": self._turns.seconds(),
            "looks": self._looks,
            **by_kind(asked["by_route"]),
            "calls_seconds": asked["seconds_by_route"],
            "operations": counts.get("plan", {}).get("planned", 0),
            "outcomes": counts.get("record", {}),
            "peak_bytes": peak_memory_bytes(),
        }

    def let_pass(self) -> None:
        """Hours, after which the provider does not name everybody any more to whoever asks for what has changed."""
        self.standin.clock(advance_seconds=HOURS_LATER * 3600)
        self.run("changes")

    def tidy(self) -> None:
        """Rename somebody: the run that sends it takes away what a full run has left in the stage tables."""
        association.rename_some(self.world.crm_do, 1)
        self.run("changes")

    def _stages(self, mode: str, meter: Meter) -> dict[str, dict[str, int]]:
        """As ``World.run``, each stage measured."""
        counts: dict[str, dict[str, int]] = {}
        with meter.piece("open"):
            self.world.begin(mode)
            airflow_run_id = self.world.last_run_id()
        for name in STAGES:
            run = store.load_run(self.world.state, self.world.provider, airflow_run_id)
            if run.state is RunState.IDLE:
                break
            with meter.piece(name):
                counts[name] = self._stage(name, airflow_run_id)
        return counts

    def _stage(self, name: str, airflow_run_id: str) -> dict[str, int]:
        """As ``World.stage``; each return to work that goes on there is counted."""
        while True:
            run = store.load_run(self.world.state, self.world.provider, airflow_run_id)
            try:
                return run_stage(name, self.world.context(run))
            except UnderWayError:
                self._looks += 1


def by_kind(by_route: dict[str, int]) -> dict[str, Any]:
    """Calls by route, and how many of them write and read; a token is neither."""
    calls = {route: count for route, count in by_route.items() if not route.endswith("/token")}
    reads = sum(count for route, count in calls.items() if route.startswith("GET "))
    return {"calls": calls, "reads": reads, "writes": sum(calls.values()) - reads}


def measured(bench: Bench, people: int) -> dict[str, Any]:
    """All runs, in the order of an association's life, each with the fewest writes that could do."""
    ask, floor = bench.world.crm_do, bench.floor
    held = association.counts(ask, people)
    writes, reads = floor.writes_for_all(held), floor.reads_for_all(held)
    first = bench.run("changes") | {"fewest": sum(writes.values()), "fewest_writes": writes, "fewest_reads": reads}
    bench.let_pass()
    idle = [bench.run("changes") for _ in range(IDLE_RUNS)]
    median = statistics.median(run["total"]["wall"] for run in idle)
    figures = {
        "first": first,
        "idle": idle[-1] | {"median_seconds": median, "fewest": 0},
        "again": bench.run("full") | {"fewest": 0},
    }
    bench.tidy()
    few = association.rename_some(ask, TEN)
    figures["ten"] = bench.run("changes") | {"fewest": floor.writes_for_renamed(few)}
    renamed = association.rename(ask, people)
    figures["renamed"] = bench.run("changes") | {"fewest": floor.writes_for_renamed(renamed)}
    moves = association.move(ask, people)
    figures["moved"] = bench.run("changes") | {"fewest": floor.writes_for_moves(moves)}
    told = {"organizations": held.organizations, "homes": held.homes, "moves": moves.people}
    return {"provider": bench.world.provider, "contacts": people, **told, **figures}


def world_of(provider: str, dsns: tuple[str, str], url: str, *, at_pace: bool) -> World:
    """A world whose calls keep the vendor's pace, or none; ``dsns`` of CRM and state database."""
    return World(*dsns, url, provider=provider, facts={} if at_pace else dict(UNLIMITED))


def main() -> None:
    """Print the figures of one size as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("provider")
    parser.add_argument("contacts", type=int)
    parser.add_argument("crm_dsn")
    parser.add_argument("state_dsn")
    parser.add_argument("url", help="the stand-in")
    parser.add_argument("--postgres", type=int, default=0, help="its process id")
    parser.add_argument("--service", type=int, default=0, help="process id of the stand-in")
    parser.add_argument("--at-pace", action="store_true", help="as many calls a second as the vendor allows")
    parser.add_argument("--first-only", action="store_true", help="the first synchronization alone, to look into")
    options = parser.parse_args()
    dsns = (options.crm_dsn, options.state_dsn)
    world = world_of(options.provider, dsns, options.url, at_pace=options.at_pace)
    with noted() as turns:
        processes = {"postgres": options.postgres, "service": options.service}
        bench = Bench(world, Controls(options.url), processes, turns)
        figures = {"first": bench.run("changes")} if options.first_only else measured(bench, options.contacts)
    world.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
