"""What an idle day costs while the CRM is looked at every two seconds, beside a day by the clock alone: processor
seconds of the triggerer, of the scheduler with its tasks, and of PostgreSQL. The other components do the same in both.

Both are measured at the same time, so that other work on the machine concerns both alike: two Airflows, each with a
PostgreSQL of its own, in which nothing changes. The stretch should be a multiple of ten minutes, and so hold as many
runs by the clock as a day does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.meter import Meter
from benchmarks.sites import in_step
from system.components import Components

# Those that are live by default.
PROVIDERS = ("mailchimp", "constant_contact")
LIVE = {f"CRM_SYNC_PROVIDERS__{each.upper()}__LIVE": "true" for each in PROVIDERS}
PARTS = ("triggerer", "scheduler", "postgresql")
DAY = 86_400
STRETCH_SECONDS = 600.0
REST_SECONDS = 30.0

Cost = dict[str, float]


def idle_day(stretch_seconds: float = STRETCH_SECONDS) -> str:
    """The table, as Markdown."""
    with ExitStack() as stack:
        clock, live = (stack.enter_context(_meter(settings)) for settings in ({}, LIVE))
        time.sleep(REST_SECONDS)
        with clock.piece("idle"), live.piece("idle"):
            time.sleep(stretch_seconds)
    scale = DAY / stretch_seconds
    return table(*({part: each.pieces["idle"][part] * scale for part in PARTS} for each in (clock, live)))


def table(clock: Cost, live: Cost) -> str:
    """As Markdown."""
    rows = [(part, clock[part], live[part]) for part in PARTS]
    rows.append(("in all", sum(clock.values()), sum(live.values())))
    ratio = rows[-1][2] / rows[-1][1]
    lines = [f"| {part} | {before:,.0f} | {now:,.0f} |" for part, before, now in rows]
    head = f"\nAn idle day in processor seconds: {ratio:.2f} times as many as by the clock alone"
    return "\n".join([head, "", "| | by the clock | live |", "|---|---|---|", *lines])


@contextmanager
def _meter(settings: dict[str, str]) -> Iterator[Meter]:
    """Reads the processes of an Airflow that is in step with all of ``PROVIDERS``."""
    with in_step(PROVIDERS, settings) as (postgres, sites):
        components = Components(sites[PROVIDERS[0]].airflow)
        airflows = {part: process.pid for part in PARTS for process in components.living(part)}
        yield Meter(airflows | {"postgresql": postgres.pid})
