"""What `make demo` tells a person at the end: what the run did and why, where to look, and what to try."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from crm_sync import providers

HERE = Path(__file__).resolve().parent
Rows = list[tuple[Any, ...]]


class RunReport:
    """What the state database says about one Airflow run; each figure comes from the pipeline's own views."""

    def __init__(self, state_dsn: str, provider: str, airflow_run_id: str) -> None:
        self._state_dsn = state_dsn
        self._provider, self._title = provider, providers.get(provider).title
        rows = self._ask("demo_run", provider=provider, airflow_run_id=airflow_run_id)
        if not rows:
            raise LookupError(f"the state database knows no run {airflow_run_id}: its first task has not opened one")
        self.run_id, self.mode, self.state, *counts, self.notice = rows[0]
        self.planned, self.applied, self.refused, self.deferred, self.set_aside = map(int, counts)

    def lines(self) -> list[str]:
        """The report, line by line."""
        told = [
            f"{self._title}, run {self.run_id} ({self.mode}): {self.state}. {self.planned} operations planned,"
            f" {self.applied} applied, {self.refused} refused, {self.deferred} deferred;"
            f" {self.set_aside} contacts set aside."
        ]
        told += [f"Note: {self.notice}"] if self.notice else []
        if not self.planned:
            told.append(f"Nothing had to be sent: {self._title} already holds what the CRM says it should.")
        told += _table("Operations", ("verb", "outcome", "reason", "how many"), self._of_run("demo_operations"))
        told += _table("Set aside", ("reason", "contacts"), self._of_run("demo_set_aside"))
        return told + _table("There now", ("list", "people"), self._ask("demo_lists", provider=self._provider))

    def _of_run(self, name: str) -> Rows:
        return self._ask(name, run_id=self.run_id)

    def _ask(self, name: str, **parameters: object) -> Rows:
        return _asked(self._state_dsn, name, **parameters)


def where_to_look(
    state_dsn: str, airflow_url: str, standins: Mapping[str, str], crm_psql: Sequence[str], state_psql: Sequence[str]
) -> list[str]:
    """The addresses and commands to go on with."""
    width = max(map(len, [*standins, "Airflow"])) + 2
    told = [
        f"{'Airflow':<{width}}{airflow_url}/dags  (no login: everybody on this machine is an administrator)",
        *(f"{title:<{width}}{url}/_standin/state?counts=1  (the stand-in)" for title, url in standins.items()),
        f"{'CRM':<{width}}{shlex.join(crm_psql)}",
        f"{'State':<{width}}{shlex.join(state_psql)}  (schema crm_sync)",
    ]
    for (contact_id,) in _asked(state_dsn, "demo_example"):
        change, history = (_statement(name, contact_id) for name in ("demo_change", "demo_history"))
        told += [
            "",
            "Try a change: set Do Not Contact for somebody, wait a few seconds for the run that the change starts,",
            "and read what happened to that person:",
            f"  {shlex.join([*crm_psql, '-c', change])}",
            f"  {shlex.join([*state_psql, '-c', history])}",
        ]
    return [*told, "", "Stop everything: make demo-stop   (the data stays in .demo/ for the next make demo)"]


def _asked(state_dsn: str, name: str, **parameters: object) -> Rows:
    with psycopg.connect(state_dsn) as connection:
        return connection.execute((HERE / f"{name}.sql").read_bytes(), parameters).fetchall()


def _statement(name: str, contact_id: int) -> str:
    return (HERE / f"{name}.sql").read_text().strip().replace(":contact_id", str(contact_id))


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Title, head and rows in columns; nothing when there are no rows."""
    cells = [[str(value) for value in row] for row in (head, *rows)]
    if len(cells) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return ["", title, *(f"  {line}" for line in lines)]
