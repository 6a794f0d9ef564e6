"""The least that a first synchronization can cost: COPY the rows out, encode the same bodies, post them; nothing else.

No ledger, no plan, no comparison, no outcome: what a script without any promise would do, with the same tools, the same
sizes of batch and the same number of calls at once. What it posts where is in floors/, a module for each provider.
"""

from __future__ import annotations

import argparse
import json
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg

from benchmarks.floors import floor_of
from benchmarks.meter import Meter, peak_memory_bytes
from benchmarks.poster import Poster
from crm_sync import providers
from crm_sync.ledger.statements import statement
from crm_sync.pipeline.extract import EVERYBODY
from local.world import facts
from standins.process import Controls


def rows(crm: psycopg.Connection, audience: str) -> Iterator[Any]:
    """Everybody who may be held, as COPY writes them, with the columns of the extract as names."""
    everybody = statement(f"crm/extract/{audience}")
    query = f"COPY ({everybody}) TO STDOUT (FORMAT text, HEADER)"
    with crm.cursor() as cursor, cursor.copy(query, EVERYBODY) as copy:
        lines = copy.rows()
        row_type: Any = namedtuple  # mypy wants to know the columns beforehand
        yield from map(row_type("Row", next(lines))._make, lines)


def post_everybody(provider: str, crm_dsn: str, url: str, processes: dict[str, int]) -> dict[str, float]:
    """Seconds, calls and memory of posting everybody to the service at ``url``."""
    sheet, floor, meter = providers.get(provider), floor_of(provider), Meter(processes)
    headers = floor.headers(Controls(url))
    # Connected before and after: the time of a server process that has just ended is nobody's for a moment.
    with (
        closing(Poster(url + facts(provider).API_PATH, headers, sheet.concurrency)) as poster,
        psycopg.connect(crm_dsn) as crm,
        meter.piece("floor"),
    ):
        floor.post_all(rows(crm, sheet.audience), poster)
        poster.finish()
    return {**meter.pieces["floor"], "calls": poster.calls, "peak_bytes": peak_memory_bytes()}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("provider")
    parser.add_argument("crm_dsn")
    parser.add_argument("url", help="who is posted to")
    parser.add_argument("--postgres", type=int, default=0, help="its process id")
    parser.add_argument("--service", type=int, default=0, help="process id of who is posted to")
    options = parser.parse_args()
    processes = {"postgres": options.postgres, "service": options.service}
    print(json.dumps(post_everybody(options.provider, options.crm_dsn, options.url, processes)))


if __name__ == "__main__":
    main()
