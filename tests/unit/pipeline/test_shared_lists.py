"""A list there is one list's alone, whatever the provider answers."""

from __future__ import annotations

import psycopg
import pytest

from crm_sync.ledger.database import Database
from crm_sync.operations import Operation, outcome_of_list
from crm_sync.pipeline import settling
from unit.pipeline.ledger import Ledger


@pytest.fixture
def ledger(state: Database) -> Ledger:
    return Ledger(state)


def test_a_list_that_is_given_out_twice_is_refused_to_the_second(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="there", name="Café", crm_name="Café")
    for list_id, name in ((1, "Café"), (2, "Cafe")):
        ledger.put("extracted_list", run_id=ledger.run_id, list_id=list_id, name=name, kind="list")
    operation_id = ledger.asked("create_list", "pending", None, list_id=2, list_name="Cafe")
    asked = [Operation(operation_id, "create_list", list_id=2, list_name="Cafe")]
    with ledger.state.transaction() as state:
        (batch,) = settling.begin(state, ledger.ctx.run, [asked])
        settling.settle(state, ledger.ctx.run, [(batch, outcome_of_list(asked, remote_id="there"))])
    told = ledger.ask("select status, reason, remote_id from crm_sync.operation")
    assert told == [("refused", "list_name_taken", None)]
    assert ledger.ask("select list_id, remote_id from crm_sync.list_holding") == [(1, "there")]


def test_the_ledger_cannot_hold_it_for_two(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="there")
    ledger.put("list_holding", provider="constant_contact", list_id=2, remote_id="there")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ledger.put("list_holding", provider="mailchimp", list_id=2, remote_id="there")
