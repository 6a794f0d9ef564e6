"""A list there is one list's alone, whatever the provider answers."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from ledger import Ledger

from crm_sync.database import Database
from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline import outcomes


@pytest.fixture
def ledger(state: Database) -> Ledger:
    return Ledger(state)


def test_a_list_that_is_given_out_twice_is_refused_to_the_second(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="there", name="Café", crm_name="Café")
    for list_id, name in ((1, "Café"), (2, "Cafe")):
        ledger.put("extracted_list", run_id=ledger.run_id, list_id=list_id, name=name, kind="list")
    ledger.put(
        "operation",
        run_id=ledger.run_id,
        provider="mailchimp",
        verb="create_list",
        list_id=2,
        list_name="Cafe",
        status="pending",
    )
    (operation_id,) = ledger.ask("select operation_id from crm_sync.operation")[0]
    answer = Outcome(Operation(operation_id, "create_list"), remote_id="there")
    with ledger.state.transaction() as state:
        outcomes.settle(state, [answer], datetime.now(UTC), of_lists=True)
    asked = ledger.ask("select status, reason, remote_id from crm_sync.operation")
    assert asked == [("refused", "list_name_taken", None)]
    assert ledger.ask("select list_id, remote_id from crm_sync.list_holding") == [(1, "there")]


def test_the_ledger_cannot_hold_it_for_two(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="there")
    ledger.put("list_holding", provider="constant_contact", list_id=2, remote_id="there")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ledger.put("list_holding", provider="mailchimp", list_id=2, remote_id="there")
