"""A run with its tables, filled row by row, so that a test of the fold is three lines."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg import sql

from crm_sync import providers, store
from crm_sync.database import Database
from crm_sync.model import Asked, Mode
from crm_sync.pipeline import STAGES
from crm_sync.pipeline import record as stage
from crm_sync.settings import Settings

NOW = datetime.now(UTC)
ONE, TWO = "one@example.org", "two@example.org"


def stages_of_a_plan() -> list[str]:
    """The stages that are complete where a run is planned."""
    return list(STAGES)[: list(STAGES).index("load")]


class Ledger:
    """A run with its tables; rows go in by column name, and what the fold made of them comes out."""

    def __init__(self, state: Database, mode: Mode = Mode.CHANGES) -> None:
        self.state = state
        run = store.open_run(state, Asked("mailchimp", "one", mode))
        self.run_id = run.run_id
        with state.transaction() as transaction:
            for each in stages_of_a_plan():
                transaction.run("state/stage_completed", run_id=run.run_id, stage=each, token=run.token)
        # The CRM of these tests is the state database: record only prunes there, by a statement that finds nothing.
        self.sync: Any = SimpleNamespace(
            run=run,
            provider=providers.get("mailchimp"),
            settings=Settings(),
            now=NOW,
            state=state,
        )

    def put(self, table: str, **columns: Any) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("insert into crm_sync.{} ({}) values ({})").format(
            sql.Identifier(table), names, sql.SQL(", ").join([sql.Placeholder()] * len(columns))
        )
        self.ask(statement, list(columns.values()))

    def ask(self, statement: Any, values: Any = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.state.engine.url.set(drivername="postgresql").render_as_string()) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def held(self, subject: str = ONE, **columns: Any) -> None:
        defaults = {
            "provider": "mailchimp",
            "subject": subject,
            "contact_id": 1,
            "contact_ids": [1],
            "address": subject,
            "payload_hash": "old",
            "lists": [],
            "state": "active",
            "run_id": 0,
        }
        self.put("holding", **{**defaults, **columns})

    def wants(self, subject: str = ONE, **columns: Any) -> None:
        defaults = {
            "run_id": self.run_id,
            "subject": subject,
            "contact_id": 1,
            "contact_ids": [1],
            "address": subject,
            "fields": "{}",
            "lists": [1],
            "blocked": False,
            "frozen": False,
        }
        row = {**defaults, **columns}
        self.put("desired", **{"wanted": not row["blocked"] and row["lists"] != [], **row})

    def asked(self, verb: str, status: str = "applied", subject: str | None = ONE, **columns: Any) -> None:
        defaults = {
            "run_id": self.run_id,
            "provider": "mailchimp",
            "verb": verb,
            "status": status,
            "subject": subject,
            "address": subject,
        }
        self.put("operation", **{**defaults, **columns})

    def fold(self, *, decides: bool = True) -> None:
        with self.state.transaction() as transaction:
            stage.fold(self.sync, transaction, left_over="load_failed", decides=decides)

    def holding(self, what: str = "state, lists, reason", subject: str = ONE) -> tuple[Any, ...] | None:
        rows = self.ask(f"select {what} from crm_sync.holding where subject = %s", [subject])
        return rows[0] if rows else None
