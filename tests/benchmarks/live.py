"""``python -m benchmarks.live [N]``: how long a change in the CRM takes to be at Mailchimp, by a real Airflow with
scheduler, triggerer and API server (make bench-live).

Each of N changes comes after a quiet time. All times are by one clock: databases, Airflow and stand-in are on this
machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import UTC, datetime
from itertools import pairwise

import psycopg

from benchmarks.idle_day import STRETCH_SECONDS, idle_day
from benchmarks.sites import in_step
from crm_sync.live import LONGEST
from local.background import await_until
from system.changes import rename
from system.sites import Site

SECONDS = 120.0
QUIET_SECONDS = LONGEST.total_seconds() + 2
LIVE = {"CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE": "true"}
# From the commit on: when the triggerer's event was stored, Airflow made the run, a task opened it, the call was
# answered.
PARTS = ("look and event", "scheduler", "first task", "extract to call")


def main(arguments: list[str] | None = None) -> None:
    """Print the distribution, the median of each part, and what an idle day costs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=50)
    parser.add_argument("--idle-seconds", type=float, default=STRETCH_SECONDS, help="0: without the idle day")
    options = parser.parse_args(arguments)
    if options.changes:
        with in_step(["mailchimp"], LIVE) as (_, sites):
            print(table(measured(sites["mailchimp"], options.changes)), flush=True)
    if options.idle_seconds:
        print(idle_day(options.idle_seconds))


def measured(site: Site, changes: int) -> list[list[float]]:
    """Of each change the seconds of its parts. One that a run by the clock has taken is left out."""
    found: list[list[float]] = []
    while len(found) < changes:
        time.sleep(QUIET_SECONDS)
        rename(site, f"Bob{len(found)}")
        run = arrived(site, datetime.now(UTC))
        if run is not None:
            found.append(run)
            print(f"{len(found)} of {changes}: {sum(run):.1f} s", flush=True)
    return found


def arrived(site: Site, committed: datetime) -> list[float] | None:
    """The seconds of each part until the provider has answered; None if the clock has started the run."""

    def answered() -> list[tuple[datetime, str]]:
        with psycopg.connect(site.state_dsn) as state:
            return state.execute(
                "select max(c.answered_at), r.airflow_run_id from crm_sync.call c join crm_sync.run r using (run_id)"
                " where c.answered_at > %s group by r.airflow_run_id",
                [committed],
            ).fetchall()

    assert await_until(lambda: bool(answered()), SECONDS), f"nothing arrived within {SECONDS:.0f} s"
    ((at, run_id),) = answered()
    with psycopg.connect(site.state_dsn) as state:
        ((opened,),) = state.execute(
            "select opened_at from crm_sync.run where airflow_run_id = %s", [run_id]
        ).fetchall()
    ((made, kind),) = site.airflows("select queued_at, run_type from dag_run where run_id = %s", run_id)
    if kind != "asset_triggered":
        return None
    ((told,),) = site.airflows("select max(timestamp) from asset_event where timestamp <= %s", made)
    moments = [committed, told, made, opened, at]
    return [(later - before).total_seconds() for before, later in pairwise(moments)]


def table(found: list[list[float]]) -> str:
    """As Markdown."""
    sums = sorted(map(sum, found))
    late = sums[min(len(sums) - 1, int(0.95 * len(sums)))]
    rows = [
        f"| {part} | {statistics.median(each):.1f} |"
        for part, each in zip(PARTS, zip(*found, strict=True), strict=True)
    ]
    half = statistics.median(sums)
    head = f"\n{len(found)} changes, commit to answer: median {half:.1f} s, 95th percentile {late:.1f} s"
    return "\n".join([head, "", "| part | median, s |", "|---|---|", *rows])


if __name__ == "__main__":
    main()
