"""``python -m benchmarks.run [N ...]``: what synchronizing N people costs, beside the least it could (make bench).

PostgreSQL, stand-in, sink and pipeline are processes of their own on this machine; each size begins with empty
databases and a fresh process, so that memory is that of its size.
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
from pathlib import Path
from typing import Any

from benchmarks.tables import size_report
from local.postgres import Postgres
from standins.process import StandIn

SIZES = (10_000, 100_000)
TESTS = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> None:
    """Measure each size and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("contacts", nargs="*", type=int, default=SIZES, help="default: 10000 100000; try 1000000 too")
    parser.add_argument("--json", type=Path, help="write all figures to this file, too")
    parser.add_argument("--no-airflow", action="store_true", help="leave out what Airflow adds")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped, too
    found = []
    for place, contacts in enumerate(options.contacts):
        found.append(figures_of(contacts, with_airflow=place == 0 and not options.no_airflow))
        print(size_report(found[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def figures_of(contacts: int, *, with_airflow: bool) -> dict[str, Any]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-bench-") as folder, ready(Path(folder)) as postgres:
        crm, state = postgres.create_database("crm"), postgres.create_database("state")
        _tell(f"{contacts:,} contacts: filling the CRM")
        _child("benchmarks.fill", crm, str(contacts))
        pid = ["--postgres", str(_process_id(postgres))]
        with StandIn("mailchimp") as standin:
            served = [standin.url, "--service", str(standin.pid), *pid]
            _tell("runs")
            figures = json.loads(_child("benchmarks.measure", str(contacts), crm, state, *served))
            if with_airflow:
                _tell("Airflow")
                figures["airflow"] = json.loads(_child("benchmarks.airflow_cost", crm, state, standin.url))
            _tell("floor")
            standin.reset()
            figures["floor_standin"] = json.loads(_child("benchmarks.floor", crm, *served))
        with sink() as (url, sink_pid):
            figures["floor"] = json.loads(_child("benchmarks.floor", crm, url, "--service", str(sink_pid), *pid))
    return figures


@contextmanager
def ready(folder: Path) -> Iterator[Postgres]:
    """A server of its own in ``folder``, which its user may enter."""
    folder.chmod(0o755)
    with Postgres(folder / "postgresql") as postgres:
        yield postgres


@contextmanager
def sink() -> Iterator[tuple[str, int]]:
    """The URL and process id of a running sink."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink"], env=_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield str(process.stdout and process.stdout.readline().strip()), process.pid
        finally:
            process.terminate()


def _process_id(postgres: Postgres) -> int:
    """Of the server, or 0 where it runs elsewhere."""
    file = postgres.data / "postmaster.pid"
    return int(file.read_text().split("\n", 1)[0]) if file.is_file() else 0


def _child(module: str, *arguments: str) -> str:
    """The last line that a module printed in a fresh process."""
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{module} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-6000:]}")
    return (ended.stdout.strip().splitlines() or [""])[-1]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "plugins")])}


def _tell(what: str) -> None:
    print(f"  .. {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
