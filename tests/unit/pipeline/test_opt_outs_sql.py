"""Who counts as having left by themselves: not whom the pipeline disabled, whose answer was lost, or who came back."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from crm_sync.ledger.database import Database

ONE = "one@example.org"


def do(state: Database, text: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(state.engine.url.set(drivername="postgresql").render_as_string()) as connection:
        cursor = connection.execute(text, values or None)
        return cursor.fetchall() if cursor.description else []


def seen(state: Database, reason: str = "unsubscribed") -> list[tuple[Any, ...]]:
    with state.transaction() as transaction:
        transaction.run(
            "opt_outs/opt_outs_seen",
            provider="mailchimp",
            run_id=1,
            subscriber_keys=[ONE, ONE],
            reasons=[reason, reason],
            remote_ids=["", ""],
        )
    return do(state, "select reason, crm_written_at is not null, lifted_at is not null from crm_sync.opt_out")


def asked(state: Database, verb: str, status: str) -> None:
    text = "insert into crm_sync.run (run_id, provider, airflow_run_id, mode) overriding system value"
    do(state, f"{text} values (1, 'mailchimp', 'one', 'changes') on conflict do nothing")
    columns = "(run_id, provider, verb, subscriber_key)"
    text = f"insert into crm_sync.planned_operation {columns} values (1, 'mailchimp', %s, %s)"
    ((operation_id,),) = do(state, f"{text} returning operation_id", verb, ONE)
    if status in {"in_doubt", "applied"}:
        text = """insert into crm_sync.call (run_id, provider, operation_ids, first_id, last_id, applied, answered_at)
                  select 1, 'mailchimp', array[%s::bigint], %s, %s, (%s = 'applied')::integer,
                         case %s when 'applied' then now() end"""
        do(state, text, operation_id, operation_id, operation_id, status, status)
    elif status == "deferred":
        text = (
            "insert into crm_sync.outcome (run_id, operation_id, verb, status, sent_at) values (1, %s, %s, %s, now())"
        )
        do(state, text, operation_id, verb, status)


def held(state: Database, how: str) -> None:
    do(
        state,
        "insert into crm_sync.holding (provider, subscriber_key, address, state) values ('mailchimp', %s, %s, %s)",
        ONE,
        ONE,
        how,
    )


@pytest.mark.parametrize("how", ["active", "archived", "absent", None])
def test_who_left_is_kept_once_and_the_crm_is_yet_to_be_told(how: str | None, state: Database) -> None:
    if how:
        held(state, how)
    assert seen(state) == [("unsubscribed", False, False)]
    assert seen(state) == [("unsubscribed", False, False)]


def test_a_bounce_is_kept_and_the_crm_is_not_told(state: Database) -> None:
    assert seen(state, "cleaned") == [("cleaned", True, False)]
    assert seen(state, "unsubscribed") == [("unsubscribed", False, False)], "a wish weighs more than a bounce"
    assert seen(state, "cleaned") == [("unsubscribed", False, False)]


def test_whom_the_pipeline_disabled_did_not_leave(state: Database) -> None:
    held(state, "suppressed")
    assert seen(state) == []


@pytest.mark.parametrize("status", ["in_doubt", "applied", "deferred"])
def test_a_suppression_whose_answer_was_lost_is_ours(status: str, state: Database) -> None:
    held(state, "active")
    asked(state, "suppress", status)
    assert seen(state) == []


def test_whoever_was_enabled_again_and_left_then_left_by_themselves(state: Database) -> None:
    held(state, "active")
    asked(state, "suppress", "applied")
    asked(state, "enable", "applied")
    assert seen(state) == [("unsubscribed", False, False)]


def test_whoever_came_back_and_left_again_is_told_anew(state: Database) -> None:
    seen(state)
    do(state, "update crm_sync.opt_out set lifted_at = now(), crm_written_at = now()")
    assert seen(state) == [("unsubscribed", False, False)]


def test_a_suppression_that_was_never_sent_does_not_hide_a_leaver(state: Database) -> None:
    held(state, "active")
    asked(state, "suppress", "pending")
    with state.transaction() as transaction:
        transaction.run("record/defer_unsettled", run_id=1, reason="load_failed")
    assert seen(state) == [("unsubscribed", False, False)]
