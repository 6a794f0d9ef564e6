"""Peers and ours in one table, and what each of them leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from benchmarks.tables import table

HEAD = ["", "seconds of the run", "with start and imports", "calls"]
READING = (
    "Processor seconds of the sending process. The run: code loaded before, except Great Expectations, which ours"
    " loads in its first run. With start and imports: a process started for that run alone."
)
LEFT_OUT = {
    "dlt": "compares nothing with what it sent before, keeps no ledger, takes nobody off a list and hears no opt-out;"
    " bound to people saved since, it does not see who joins a list either.",
    "target-mailchimp-v2": "cannot be installed from a package registry, hence is not run: 1.7 s and 21 calls for a"
    " first synchronization of 10,000 were measured elsewhere. Lists go as a person's tags in the same call; it keeps"
    " no ledger, compares nothing, takes nobody off a list and hears no opt-out.",
    "CRM Sync": "does all of that.",
}


@dataclass(frozen=True)
class Run:
    """What one run cost the process that sends: by itself with code loaded, and in a process started for it."""

    name: str
    own_seconds: float
    whole_seconds: float
    calls: int


def report(title: str, runs: Iterable[Run]) -> str:
    """For a person to read."""
    left_out = [f"  {who} {what}" for who, what in LEFT_OUT.items()]
    return "\n".join(["", title, table(HEAD, [list(astuple(run)) for run in runs]), "", f"  {READING}", *left_out])
