"""``python -m tendenci.figures [N]``: what runs cost on Tendenci's own tables, beside the reference CRM."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks import association, fill
from benchmarks.measure import Bench, world_of
from benchmarks.pace import Turns, noted
from crm_sync.ledger import sources, statements
from local.postgres import Postgres
from local.world import World
from standins import StandIn
from tendenci.association import SOURCE, install
from tendenci.running import Tendenci

PEOPLE = 20_000
REPEATED = 5
TEN = 10
PROVIDERS = ("mailchimp", "higher_logic")
WIDTHS = "{:<14}{:<24}{:>10}{:>22}{:>22}"


def main() -> None:
    """Fill both, and print a line for each provider and CRM: seconds, and of the processors ours and PostgreSQL's."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with tempfile.TemporaryDirectory(prefix="crm-sync-figures-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "postgresql") as postgres:
            dsn = postgres.create_database(SOURCE)
            with Tendenci(dsn, folder) as tendenci:
                tendenci("installing.install")
                tendenci("crowd.fill", people=people)
                install(dsn)
                _compare(postgres, tendenci, people)


def _compare(postgres: Postgres, tendenci: Tendenci, people: int) -> None:
    crms = {SOURCE: postgres.dsn(SOURCE), sources.REFERENCE: postgres.create_database(sources.REFERENCE)}
    sys.argv[1:] = [crms[sources.REFERENCE], str(people)]
    fill.main()
    for dsn in crms.values():
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("vacuum analyze")
    print(WIDTHS.format("provider", "CRM", "first", "idle", "ten renamed"))
    for provider in PROVIDERS:
        for name, dsn in crms.items():
            _measure(postgres, tendenci, provider, name, dsn)


def _measure(postgres: Postgres, tendenci: Tendenci, provider: str, name: str, dsn: str) -> None:
    os.environ[sources.SETTING], os.environ[sources.CHANGES_SETTING] = name, sources.COMPARISON
    statements.forget()
    state = postgres.create_database(f"state_{provider}_{name}")
    with StandIn(provider) as standin, noted() as turns:
        world = world_of(provider, (dsn, state), standin.url, at_pace=False)
        bench = _bench(world, standin, postgres, turns)
        first = bench.run("changes")["total"]
        bench.let_pass()
        idle = [bench.run("changes")["total"] for _ in range(REPEATED)]
        ten = []
        for _ in range(REPEATED):
            if name == SOURCE:
                tendenci("crowd.rename", people=TEN)
            else:
                association.rename_some(world.crm_do, TEN)
            ten.append(bench.run("changes")["total"])
        world.close()
    print(WIDTHS.format(provider, name, f"{first['wall']:.1f}", _median(idle), _median(ten)), flush=True)


def _bench(world: World, standin: StandIn, postgres: Postgres, turns: Turns) -> Bench:
    server = int((postgres.data / "postmaster.pid").read_text().splitlines()[0])
    return Bench(world, standin, {"postgres": server}, turns)


def _median(runs: list[dict[str, float]]) -> str:
    seconds = [statistics.median(run[key] for run in runs) for key in ("wall", "own", "postgres")]
    return "{:.2f} ({:.2f} + {:.2f})".format(*seconds)


if __name__ == "__main__":
    main()
