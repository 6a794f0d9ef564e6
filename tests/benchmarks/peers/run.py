"""``python -m benchmarks.peers.run [N]``: what others cost who bring N people to Mailchimp, beside ours.

Counted is the process that sends, alone; PostgreSQL and the stand-in are processes of their own. A peer gets an
environment of its own in a temporary folder, with the versions of requirements.txt here.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.measure import HOURS_LATER
from benchmarks.peers.report import Run, report
from benchmarks.run import Place, child, ready, tell
from local.world import engine_url, facts
from standins.process import StandIn

HERE = Path(__file__).parent
PINS = HERE / "requirements.txt"
PROVIDER = "mailchimp"
CONTACTS = 10_000
DLT = (
    "dlt: first synchronization",
    "dlt: second run, sends all again",
    "dlt: people saved since (nobody), no lists",
)
OURS = (
    ("first", "changes", "CRM Sync: first synchronization"),
    ("idle", "changes", "CRM Sync: idle"),
    ("again", "full", "CRM Sync: second full run, nothing to do"),
)


def main(arguments: list[str] | None = None) -> None:
    """Measure all at one size and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.run", description=__doc__)
    parser.add_argument("contacts", nargs="?", type=int, default=CONTACTS, help=f"default: {CONTACTS}")
    contacts = parser.parse_args(arguments).contacts
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped, too
    with (
        tempfile.TemporaryDirectory(prefix="crm-sync-peers-") as folder,
        ready(Path(folder)) as postgres,
        StandIn(PROVIDER) as standin,
    ):
        tell("the environment of the peers")
        python = environment_of_peers(Path(folder))
        tell(f"{contacts:,} contacts: filling the CRM")
        child("benchmarks.fill", postgres.create_database("association"), str(contacts))
        place = Place(PROVIDER, postgres, standin)
        ours, people = _ours(place, contacts)
        print(report(_title(place, contacts), [*_peers(place, python, people), *ours]))


def environment_of_peers(folder: Path) -> Path:
    """The Python of a new environment that has what is pinned."""
    venv, python = folder / "venv", folder / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--requirement", PINS]
    for command in ([sys.executable, "-m", "venv", venv], pip):
        _said(command, folder)
    return python


def version_of(package: str) -> str:
    """The version of a package that is pinned for the peers."""
    pins = dict(line.split("==") for line in PINS.read_text().splitlines() if "==" in line)
    return pins[package]


def same_people(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """SystemExit where somebody, or a list of theirs, was not brought: its figures would be those of another task."""
    if not ours:
        raise SystemExit("ours has brought nobody: ask for one person or more")
    wrong, more = sum(theirs.get(each) != held for each, held in ours.items()), len(theirs.keys() - ours.keys())
    if wrong or more:
        raise SystemExit(f"a peer brought others: {wrong:,} of {len(ours):,} are not there so, {more:,} there too many")


def _title(place: Place, contacts: int) -> str:
    with psycopg.connect(place.crm("version")) as connection:
        postgres = connection.info.server_version // 10_000
    return (
        f"MAILCHIMP, {contacts:,} PEOPLE, {datetime.now(UTC):%Y-%m-%d}: dlt {version_of('dlt')}, CRM Sync"
        f" {importlib.metadata.version('crm-sync')}, Python {platform.python_version()}, PostgreSQL {postgres}"
    )


def _ours(place: Place, contacts: int) -> tuple[list[Run], dict[str, Any]]:
    """Ours as `make bench` measures it and each run in a process of its own; and who is there in the end."""
    tell("ours")
    dsns = place.crm("ours"), place.postgres.create_database("state_ours")
    figures = json.loads(child("benchmarks.measure", PROVIDER, str(contacts), *dsns, *place.served))
    place.standin.reset()
    dsns = place.crm("ours_alone"), place.postgres.create_database("state_ours_alone")
    runs = []
    for kind, mode, name in OURS:
        run, whole = figures[kind], _alone(place, dsns, mode)
        runs.append(Run(name, run["total"]["own"], whole, run["reads"] + run["writes"]))
        if kind == "first":  # as the bench does, for idle is what a run hours later is
            place.standin.clock(advance_seconds=HOURS_LATER * 3600)
            _alone(place, dsns, "changes")
    return runs, _people(place)


def _alone(place: Place, dsns: tuple[str, str], mode: str) -> float:
    """Processor seconds of a process that does one run of ours."""
    return float(json.loads(child("benchmarks.peers.ours", *dsns, place.standin.url, mode))["whole"])


def _peers(place: Place, python: Path, people: dict[str, Any]) -> list[Run]:
    """A pipeline of dlt: everything, everything again, and whom the CRM has saved since, which is nobody."""
    tell("dlt")
    crm = place.crm("peers")
    place.standin.reset()
    loaded = _dlt(place, python, crm, "loaded", "everything", "everything")
    place.standin.reset()
    alone = [_dlt(place, python, crm, "alone", "everything")[-1] for _ in range(2)]
    same_people(_people(place), people)
    since = _dlt(place, python, crm, "since", "saved_since", "saved_since")
    alone.append(_dlt(place, python, crm, "since", "saved_since")[-1])
    figures = zip(DLT, [*loaded[:2], since[1]], alone, strict=True)
    return [Run(name, run["own"], whole["whole"], run["calls"]) for name, run, whole in figures]


def _people(place: Place) -> dict[str, Any]:
    """Everybody there, by address: whether mail goes to them, their lists, their name."""
    told, state = facts(PROVIDER), place.standin.state()
    names = told.names(state)
    return {address: (held, names[address]) for address, held in told.people(state).items()}


def _dlt(place: Place, python: Path, crm: str, purpose: str, *runs: str) -> list[dict[str, Any]]:
    """What dlt's process printed: a line for each run, and one for itself."""
    told, folder = facts(PROVIDER), python.parents[2]
    audience = f"{place.standin.url}{told.API_PATH}/lists/{told.EXTRAS['audience_id']}"
    command = [python, HERE / "dlt_mailchimp.py", engine_url(crm), audience, told.KEY, folder / purpose, *runs]
    return [json.loads(line) for line in _said(command, folder).splitlines()]


def _said(command: list[Any], folder: Path) -> str:
    """What a command printed that finds nothing of ours; SystemExit with all of it where it fails."""
    ended = subprocess.run(command, env=_apart(folder), cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{command[0]} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-6000:]}")
    return ended.stdout


def _apart(folder: Path) -> dict[str, str]:
    """An environment in which nothing of ours is found, and dlt keeps to ``folder`` and tells nobody of its runs."""
    kept = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    }
    return kept | {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder), "NO_PROXY": "127.0.0.1"}


if __name__ == "__main__":
    main()
