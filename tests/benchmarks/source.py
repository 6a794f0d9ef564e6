"""``python -m benchmarks.source SOURCE [N ...]``: what reading a compared CRM costs (make bench SOURCE=mariadb).

The same people in the reference CRM by comparison and in CiviCRM's tables on MariaDB, brought to the stand-in of
Mailchimp: the first synchronization, a run with nothing changed, and the bare stream of the same rows, each in a
process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.association import fill
from benchmarks.run import environment, ready, tell
from benchmarks.source_measure import Figures
from benchmarks.tables import MIB, table
from crm_sync.ledger import sources
from local.crm_data import create_schema
from local.mariadb import MariaDb
from local.postgres import Postgres
from standins.process import StandIn

SIZES = (20_000, 200_000)
# What is measured → CRM_SYNC_CRM.
SOURCES = {"mariadb": "civicrm", "reference": sources.REFERENCE}
CIVICRM = Path(__file__).resolve().parents[1] / "local/civicrm.sql"
# Everyone as the benchmark's association has them: valid, an active member, in three of ten lists.
PEOPLE = """
insert into civicrm_contact (id, contact_type, first_name, last_name)
    select seq, 'Individual', 'Person', concat('No ', seq) from seq_1_to_{people};
insert into civicrm_email (contact_id, email, is_primary)
    select seq, concat('person', seq, '@example.org'), 1 from seq_1_to_{people};
insert into civicrm_group (name, title, frontend_title, group_type)
    select concat('list', seq), concat('List ', seq), concat('List ', seq), concat(char(1), '2', char(1))
    from seq_1_to_10;
insert into civicrm_group_contact (group_id, contact_id, status)
    select 1 + (p.seq + step.seq) % 10, p.seq, 'Added' from seq_1_to_{people} as p join seq_0_to_2 as step;
analyze table civicrm_contact, civicrm_email, civicrm_group, civicrm_group_contact;
"""


def main(arguments: list[str] | None = None) -> None:
    """Measure each size and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.source", description=__doc__)
    parser.add_argument("source", choices=SOURCES)
    parser.add_argument("contacts", nargs="*", type=int, default=SIZES, help="default: 20000 200000")
    options = parser.parse_args(arguments)
    print(report(options.source, {people: figures_of(options.source, people) for people in options.contacts}))


def figures_of(source: str, people: int) -> Figures:
    """One size of one source."""
    tell(f"{source}, {people:,} people")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-sync-bench-")))
        postgres = stack.enter_context(ready(folder))
        standin = stack.enter_context(StandIn("mailchimp"))
        crm = _mariadb(stack, people) if source == "mariadb" else _reference(postgres, people)
        place = [crm, postgres.create_database("state"), standin.url]
        first, idle, stream = (_measured(source, what, *place) for what in ("first", "idle", "stream"))
        return {"first": first, "idle": idle, "stream": stream}


def _mariadb(stack: ExitStack, people: int) -> str:
    server = stack.enter_context(MariaDb())
    return server.create_database("crm", CIVICRM.read_text(encoding="utf-8") + PEOPLE.format(people=people))


def _reference(postgres: Postgres, people: int) -> str:
    dsn = postgres.create_database("crm")
    with psycopg.connect(dsn) as connection:
        create_schema(connection)
        fill(connection, people)
    return dsn


def _measured(source: str, what: str, *place: str) -> dict[str, float]:
    """What a fresh process printed."""
    chosen = {sources.SETTING: SOURCES[source], sources.CHANGES_SETTING: sources.COMPARISON}
    command = [sys.executable, "-m", "benchmarks.source_measure", what, *place]
    ended = subprocess.run(command, env=environment() | chosen, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{what} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-6000:]}")
    words = dict(word.split("=") for word in ended.stdout.strip().splitlines()[-1].split())
    return {name: float(value) for name, value in words.items()}


def report(source: str, figures: dict[int, Figures]) -> str:
    """A row for each size."""
    rows: list[list[Any]] = []
    for people, found in figures.items():
        first, idle, stream = found["first"], found["idle"], found["stream"]
        times = idle["own"] / stream["own"]
        rows.append([f"{people:,}", first["own"], idle["own"], stream["own"], times, idle["wall"], idle["grown"] / MIB])
    head = ["people", "first", "nothing changed", "bare stream", "times the stream", "by the clock", "MiB grown"]
    return f"\n{source.upper()}: processor seconds of the pipeline's process\n" + table(head, rows)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
