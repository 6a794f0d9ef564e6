"""What was called and never answered is known to have been called, however the load ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from crm_sync.database import Database
from crm_sync.operations import Operation, array_of_ids

RUN = {"run_id": 7}


@pytest.fixture
def ledger(state: Database) -> Iterator[psycopg.Connection]:
    """Four operations of a run, the last one settled; the first three are said to be sent, the first of them twice."""
    with psycopg.connect(state.engine.url.set(drivername="postgresql").render_as_string(), autocommit=True) as opened:
        rows = [("pending",), ("pending",), ("pending",), ("applied",)]
        text = "insert into crm_sync.operation (run_id, provider, verb, status) values (7, 'mailchimp', 'create', %s)"
        opened.cursor().executemany(text, rows)
        first, second, _, settled = ids(opened)
        for marked in ([first, second], [first, settled]):
            mark(state, marked)
        yield opened


def ids(opened: psycopg.Connection[Any]) -> list[int]:
    return [row[0] for row in opened.execute("select operation_id from crm_sync.operation order by 1")]


def mark(state: Database, operation_ids: list[int]) -> Any:
    with state.transaction() as transaction:
        return transaction.value("state/mark_sent", **RUN, operation_ids=array_of_ids(map(Operation, operation_ids)))


def ask(opened: psycopg.Connection[Any], text: str) -> list[tuple[Any, ...]]:
    return opened.execute(text).fetchall()


def test_a_load_that_died_leaves_its_calls_as_sent(state: Database, ledger: psycopg.Connection) -> None:
    times = dict(ask(ledger, "select operation_ids::text, sent_at from crm_sync.sent"))
    first, second, _, settled = ids(ledger)
    with state.transaction() as transaction:
        assert transaction.run("state/note_sent", **RUN) == 2
    assert ask(ledger, "select status, sent_at from crm_sync.operation order by operation_id") == [
        ("sent", times[f"{{{first},{settled}}}"]),
        ("sent", times[f"{{{first},{second}}}"]),
        ("pending", None),
        ("applied", None),
    ]
    assert ask(ledger, "select from crm_sync.sent") == []


def test_marks_of_another_run_are_left_alone(state: Database, ledger: psycopg.Connection) -> None:
    with state.transaction() as transaction:
        assert transaction.run("state/note_sent", run_id=8) == 0
        assert transaction.run("state/forget_sent", run_id=8) == 0
    assert len(ask(ledger, "select from crm_sync.sent")) == 2


def test_an_outcome_comes_with_the_time_of_its_call(state: Database, ledger: psycopg.Connection) -> None:
    first, second, third, _ = ids(ledger)
    sent_at = mark(state, [first, second, third])
    with state.transaction() as transaction:
        transaction.run("state/settle_applied", operation_ids=f"{{{first},{second}}}", sent_at=sent_at)
        told = {"statuses": ["refused"], "reasons": ["compliance"], "remote_ids": [""]}
        transaction.run("state/settle", operation_ids=f"{{{third}}}", sent_at=sent_at, **told)
    last = "(select max(sent_at) from crm_sync.sent)"
    assert ask(ledger, f"select status, sent_at = {last} from crm_sync.operation order by operation_id") == [
        ("applied", True),
        ("applied", True),
        ("refused", True),
        ("applied", None),
    ]


def test_no_index_looks_at_what_an_outcome_changes(ledger: psycopg.Connection) -> None:
    indexes = dict(ask(ledger, "select indexname, indexdef from pg_indexes where tablename = 'operation'"))
    assert indexes
    changed = ("status", "reason", "remote_id", "sent_at", "settled_at")
    assert [name for name, text in indexes.items() if any(word in text for word in changed)] == []
