"""``python -m benchmarks.run [N ...]``: what synchronizing N people costs, beside the least it could (make bench).

PostgreSQL, stand-in, sink and pipeline are processes of their own on this machine; each size of each provider begins
with empty databases and a fresh process, so that memory is that of its size.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import floors
from benchmarks.tables import size_report
from crm_sync import providers
from local.postgres import Postgres
from standins.process import StandIn

SIZES = (10_000, 100_000)
ALL = "all"
TESTS = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> None:
    """Measure each size and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("contacts", nargs="*", type=int, default=SIZES, help="default: 10000 100000; try 1000000 too")
    parser.add_argument("--provider", choices=[*floors.names(), ALL], default="mailchimp", help="default: mailchimp")
    parser.add_argument("--json", type=Path, help="write all figures to this file, too")
    parser.add_argument("--no-airflow", action="store_true", help="leave out what Airflow adds")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped, too
    if options.provider == ALL:
        for name in floors.without():
            print(f"{name}: not measured, for there is no tests/benchmarks/floors/{name}.py", flush=True)
    found = []
    for provider in floors.names() if options.provider == ALL else [options.provider]:
        for place, contacts in enumerate(options.contacts):
            with_airflow = place == 0 and not options.no_airflow
            found.append(figures_of(provider, contacts, with_airflow=with_airflow))
            print(size_report(found[-1], providers.get(provider)), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


@dataclass
class Place:
    """Where one size of one provider is measured: a filled CRM to copy, and the stand-in."""

    provider: str
    postgres: Postgres
    standin: StandIn

    def crm(self, purpose: str) -> str:
        """A CRM as it was filled."""
        return self.postgres.create_database(f"crm_{purpose}", template="association")

    @property
    def postgres_id(self) -> list[str]:
        """Which process the database is."""
        return ["--postgres", str(self.postgres.pid)]

    @property
    def served(self) -> list[str]:
        """The stand-in as an argument of a child."""
        return [self.standin.url, "--service", str(self.standin.pid), *self.postgres_id]


def figures_of(provider: str, contacts: int, *, with_airflow: bool) -> dict[str, Any]:
    """All figures of one size."""
    with (
        tempfile.TemporaryDirectory(prefix="crm-sync-bench-") as folder,
        ready(Path(folder)) as postgres,
        StandIn(provider) as standin,
    ):
        tell(f"{provider}, {contacts:,} contacts: filling the CRM")
        child("benchmarks.fill", postgres.create_database("association"), str(contacts))
        place = Place(provider, postgres, standin)
        figures = _runs(place, contacts, with_airflow=with_airflow)
        if providers.get(provider).calls_per_second:
            figures["at_pace"] = _runs_at_pace(place, contacts)
        return figures | _floors(place)


def _runs(place: Place, contacts: int, *, with_airflow: bool) -> dict[str, Any]:
    tell("runs")
    dsns = place.crm("runs"), place.postgres.create_database("state")
    figures: dict[str, Any] = json.loads(
        child("benchmarks.measure", place.provider, str(contacts), *dsns, *place.served)
    )
    if with_airflow:
        tell("Airflow")
        for name in ("airflow_cost", "task_cost"):
            figures[name] = json.loads(child(f"benchmarks.{name}", place.provider, *dsns, place.standin.url))
    return figures


def _runs_at_pace(place: Place, contacts: int) -> dict[str, Any]:
    tell("the same runs at the vendor's pace")
    place.standin.reset()
    dsns = place.crm("at_pace"), place.postgres.create_database("state_at_pace")
    paced = child("benchmarks.measure", place.provider, str(contacts), *dsns, *place.served, "--at-pace")
    figures: dict[str, Any] = json.loads(paced)
    return figures


def _floors(place: Place) -> dict[str, Any]:
    tell("floor")
    crm = place.crm("floor")
    place.standin.reset()
    to_standin = json.loads(child("benchmarks.floor", place.provider, crm, *place.served))
    with sink(json.dumps(floors.floor_of(place.provider).SINK_ANSWER)) as (url, sink_id):
        served = [url, "--service", str(sink_id), *place.postgres_id]
        to_sink = json.loads(child("benchmarks.floor", place.provider, crm, *served))
    return {"floor_standin": to_standin, "floor": to_sink} | _promise(place, crm)


def _promise(place: Place, crm: str) -> dict[str, Any]:
    """The floor of the promise, which is written for one provider."""
    if place.provider != "mailchimp":
        return {}
    tell("floor of the same promise")
    place.standin.reset()
    state = place.postgres.create_database("state_promise")
    return {"promise": json.loads(child("benchmarks.promise", crm, state, *place.served))}


@contextmanager
def ready(folder: Path) -> Iterator[Postgres]:
    """A server of its own in ``folder``, which its user may enter."""
    folder.chmod(0o755)
    with Postgres(folder / "postgresql") as postgres:
        yield postgres


@contextmanager
def sink(answer: str) -> Iterator[tuple[str, int]]:
    """The URL and process id of a running sink, which gives everybody that answer."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", answer], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield str(process.stdout and process.stdout.readline().strip()), process.pid
        finally:
            process.terminate()


def child(module: str, *arguments: str) -> str:
    """The last line that a module printed in a fresh process."""
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{module} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-6000:]}")
    return (ended.stdout.strip().splitlines() or [""])[-1]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "plugins")])}


def tell(what: str) -> None:
    print(f"  .. {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
