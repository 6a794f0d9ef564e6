"""A run with its tables, filled row by row, so that a test of the fold is three lines."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg import sql

from crm_sync import providers
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import MEMBERSHIP_VERBS, Asked, Mode, Verb
from crm_sync.pipeline import STAGES
from crm_sync.pipeline.fold import fold
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
                transaction.run("runs/stage_completed", run_id=run.run_id, stage=each, token=run.token)
        # The CRM of these tests is the state database: record only prunes there, by a statement that finds nothing.
        self.ctx: Any = SimpleNamespace(
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

    def held(self, subscriber_key: str = ONE, **columns: Any) -> None:
        defaults = {
            "provider": "mailchimp",
            "subscriber_key": subscriber_key,
            "contact_id": 1,
            "contact_ids": [1],
            "address": subscriber_key,
            "payload_hash": "old",
            "lists": [],
            "state": "active",
            "run_id": 0,
        }
        self.put("holding", **{**defaults, **columns})

    def wants(self, subscriber_key: str = ONE, **columns: Any) -> None:
        defaults = {
            "run_id": self.run_id,
            "subscriber_key": subscriber_key,
            "contact_id": 1,
            "contact_ids": [1],
            "address": subscriber_key,
            "fields": "{}",
            "lists": [1],
            "blocked": False,
            "frozen": False,
        }
        row = {**defaults, **columns}
        self.put("desired", **{"wanted": not row["blocked"] and row["lists"] != [], **row})

    def asked(self, verb: str, status: str = "applied", subscriber_key: str | None = ONE, **columns: Any) -> int:
        """Plan an operation, and settle it; the id of its row. ``list_id`` of a membership; ``carried_by``: it is
        carried by the call of that verb, which was planned before."""
        outcome = {
            name: columns.pop(name) for name in ("reason", "remote_id", "isolated", "sent_at") if name in columns
        }
        of_list = [columns.pop("list_id")] if verb in MEMBERSHIP_VERBS else None
        operation_id = self._planned(verb, subscriber_key, of_list, **columns)
        key = {"run_id": self.run_id, "operation_id": operation_id}
        is_bare = status == "applied" and not outcome
        if status in {"in_doubt", "submitted"} or is_bare:
            bounds = {"operation_ids": [operation_id], "first_id": operation_id, "last_id": operation_id}
            made = {"run_id": self.run_id, "provider": "mailchimp", "lists": of_list, **bounds}
            self.put("call", **made, applied=int(is_bare), answered_at=NOW if is_bare else None, **outcome)
        elif status != "pending":
            self.put("outcome", **key, verb=verb, lists=of_list, status=status, **outcome)
        return operation_id

    def _planned(self, verb: str, subscriber_key: str | None, of_list: list[int] | None, **columns: Any) -> int:
        carried_by = columns.pop("carried_by", None)
        if carried_by is not None:
            (row,) = self.ask(
                "update crm_sync.planned_operation"
                " set joins = joins || %(lists)s::bigint[], carried = carried || %(lists)s::bigint[]"
                " where run_id = %(run_id)s and subscriber_key = %(subscriber_key)s and verb = %(verb)s"
                " returning operation_id",
                {"lists": of_list, "run_id": self.run_id, "subscriber_key": subscriber_key, "verb": carried_by},
            )
            return int(row[0])
        lists = {"joins" if verb == Verb.ADD_TO_LIST else "leaves": of_list} if of_list else {"verb": verb}
        who = {
            "run_id": self.run_id,
            "provider": "mailchimp",
            "subscriber_key": subscriber_key,
            "address": subscriber_key,
        }
        self.put("planned_operation", **{**who, **lists, **columns})
        return int(self.ask("select max(operation_id) from crm_sync.planned_operation")[0][0])

    def fold(self, *, decides: bool = True) -> None:
        with self.state.transaction() as transaction:
            fold(self.ctx, transaction, left_over="load_failed", decides=decides)

    def holding(self, what: str = "state, lists, reason", subscriber_key: str = ONE) -> Any:
        """That of a person as a tuple; None if there is none."""
        rows = self.ask(f"select {what} from crm_sync.holding where subscriber_key = %s", [subscriber_key])
        return rows[0] if rows else None
