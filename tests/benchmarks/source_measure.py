"""Reads a CRM that is compared, in a process of its own: the first synchronization, a run with nothing changed, or the
bare stream of the rows that such a run reads. Prints seconds and bytes as name=value."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import psutil
from psycopg import sql

from benchmarks.meter import peak_memory_bytes
from benchmarks.pace import UNLIMITED
from crm_sync.ledger import sources
from crm_sync.ledger.database import Transaction
from crm_sync.ledger.statements import statement
from crm_sync.pipeline.extract import EVERYBODY
from local.world import World, facts
from standins.process import Controls

Figures = dict[str, dict[str, float]]

QUERY = "crm/extract/subscribers"
TIMES = 5
HOURS_LATER = 12
ROWS_AT_ONCE = 5_000


def main() -> None:
    """Arguments: what to measure, the CRM, the state database, the stand-in."""
    what, crm, state, url = sys.argv[1:]
    # A CRM in MariaDB takes opt-outs by an API of its own, and nobody leaves here.
    writer = _no_api if sources.chosen().database == sources.MARIADB else None
    world = World(crm, state, url, facts=dict(UNLIMITED), connect_writer=writer)
    found = {"first": first, "idle": idle, "stream": stream}[what](world)
    print(" ".join(f"{name}={value}" for name, value in found.items()))
    world.close()


def _no_api() -> NoReturn:
    raise AssertionError("nobody leaves in a benchmark")


def first(world: World) -> dict[str, float]:
    """Everyone is sent, and hours pass."""
    standin = Controls(world.provider_url)
    facts(world.provider).prepare(standin, world.client_state)
    found = _measured(world.run)
    standin.clock(advance_seconds=HOURS_LATER * 3600)
    world.run()
    return found


def idle(world: World) -> dict[str, float]:
    """Nothing has changed. The first of these runs, which loads code, counts for the memory alone."""
    held = psutil.Process().memory_info().rss
    world.settings = replace(world.settings, compare_crm_after_minutes=0)
    world.run()
    runs = [_measured(world.run) for _ in range(TIMES)]
    if world.query("select state from crm_sync.run order by run_id desc limit 1") != [("idle",)]:
        raise SystemExit("a run with nothing changed was not idle")
    return _median(runs) | {"grown": float(_peak_bytes() - held)}


def stream(world: World) -> dict[str, float]:
    """The rows alone, looked at by nobody."""
    bare = _of_mariadb if world.source.database == sources.MARIADB else _of_postgresql

    def read() -> None:
        with world.crm.transaction(snapshot=True) as crm:
            bare(crm)

    read()
    return _median([_measured(read) for _ in range(TIMES)])


def _of_mariadb(crm: Transaction) -> None:
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
    result = crm._connection.exec_driver_sql(statement(QUERY), dict(EVERYBODY), execution_options=options)
    while result.fetchmany(ROWS_AT_ONCE):
        pass
    result.close()


def _of_postgresql(crm: Transaction) -> None:
    query = sql.SQL("COPY ({}) TO STDOUT").format(crm._bound(QUERY, dict(EVERYBODY)))
    with crm.driver.cursor() as cursor, cursor.copy(query) as copy:
        for _ in copy:
            pass


def _measured(work: Callable[[], object]) -> dict[str, float]:
    """Seconds by the clock and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "own": time.process_time() - own}


def _peak_bytes() -> int:
    """The most memory that this process held; Linux's own peak has what its parent held before it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_memory_bytes()
    (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


if __name__ == "__main__":
    main()
