"""What a run set aside and recorded stands apart, under its negative number, before the run is gone through again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_sync.ledger.database import Database
from crm_sync.model import RunState
from unit.pipeline.ledger import NOW, Ledger

STANDING = "select run_id, contact_id from crm_sync.set_aside where resolved_at is null order by run_id, contact_id"


@pytest.fixture
def ledger(state: Database) -> Ledger:
    made = Ledger(state)
    made.put("set_aside", run_id=made.run_id, provider="mailchimp", contact_id=1, reason="address_not_valid")
    return made


def run(ledger: Ledger, name: str, **told: object) -> None:
    with ledger.state.transaction() as transaction:
        transaction.run(name, run_id=ledger.run_id, **told)


def ended(ledger: Ledger, how: RunState) -> None:
    ledger.ask("update crm_sync.run set state = %s", [how.value])


@pytest.mark.parametrize("how", list(RunState))
def test_what_was_recorded_is_kept_and_nothing_else(ledger: Ledger, how: RunState) -> None:
    ended(ledger, how)
    run(ledger, "runs/keep_set_aside")
    run(ledger, "validate/clear")
    is_kept = how in {RunState.RECORDED, RunState.HELD}
    assert ledger.ask(STANDING) == ([(-ledger.run_id, 1)] if is_kept else [])


def test_what_was_resolved_meanwhile_stands_again_where_the_run_found_it_again(ledger: Ledger) -> None:
    ended(ledger, RunState.RECORDED)
    run(ledger, "runs/keep_set_aside")
    ledger.ask("update crm_sync.set_aside set resolved_at = now() where run_id < 0")
    run(ledger, "runs/keep_set_aside")
    assert ledger.ask(STANDING) == [(-ledger.run_id, 1), (ledger.run_id, 1)]


@pytest.mark.parametrize(("days", "left"), [(None, 1), (5, 1), (15, 0)])
def test_it_is_pruned_once_it_was_resolved_long_ago(ledger: Ledger, days: int | None, left: int) -> None:
    resolved_at = days and NOW - timedelta(days)
    ledger.put(
        "set_aside", run_id=-9, provider="mailchimp", contact_id=2, reason="address_not_valid", resolved_at=resolved_at
    )
    run(ledger, "record/prune_ledger", provider="mailchimp", before=NOW - timedelta(10))
    assert len(ledger.ask("select run_id from crm_sync.set_aside where run_id = -9")) == left
