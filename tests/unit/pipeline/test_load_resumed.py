"""A load that died is taken up where it ended: what was answered is neither sent nor counted once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from crm_sync.client import Client
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.operations import Operation, Outcome, outcomes
from crm_sync.pipeline.context import RunContext
from crm_sync.pipeline.load import load
from unit.pipeline.ledger import ONE, TWO, Ledger


class Notes:
    """A provider that takes everything, and keeps what each call asked: verb, who, list."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    def identity(self) -> str:
        return ""

    def create(self, batch: list[Operation]) -> list[Outcome]:
        self.asked += [(each.verb, each.subscriber_key, each.list_id) for each in batch]
        return outcomes(batch)

    change_membership = archive = create

    @property
    def verbs(self) -> dict[str, Any]:
        return dict.fromkeys(("create", "change_membership", "archive"), self.create)


@pytest.fixture
def ledger(state: Database) -> Ledger:
    """Lists 1 and 2 are there, and the plan of a run may be sent."""
    made = Ledger(state)
    for list_id in (1, 2):
        made.put("list_holding", provider="mailchimp", list_id=list_id, remote_id=f"there{list_id}")
    made.ask("update crm_sync.run set state = 'planned', extracted_at = now()")
    return made


def sent_by(ledger: Ledger, *, together: bool) -> list[tuple[str, str, int]]:
    """What the next load asks of a provider, whose calls take several lists or one."""
    notes = Notes()
    sheet = replace(ledger.ctx.provider, hears_opt_outs=False, lists_per_call=50 if together else 1)
    ctx = RunContext(
        run=store.load_run(ledger.state, "mailchimp", "one"),
        provider=sheet,
        settings=ledger.ctx.settings,
        state=ledger.state,
        crm=ledger.state,
        connect=lambda: cast("Client", notes),
        now=datetime.now(UTC),
    )
    counts = load(ctx)
    assert (counts["unsettled"], counts["applied"]) == (0, counts["planned"])
    return sorted(notes.asked)


@pytest.mark.parametrize("together", [False, True])
def test_memberships_that_were_answered_are_not_sent_again(ledger: Ledger, together: bool) -> None:
    ledger.asked("create", "applied", ONE)
    ledger.asked("add_to_list", "applied", ONE, list_id=1)
    ledger.asked("add_to_list", "pending", ONE, list_id=2)
    ledger.asked("remove_from_list", "applied", TWO, list_id=1)
    ledger.asked("remove_from_list", "in_doubt", TWO, list_id=2)
    assert sent_by(ledger, together=together) == [("add_to_list", ONE, 2), ("remove_from_list", TWO, 2)]
    assert sent_by(ledger, together=together) == []


@pytest.mark.parametrize("together", [False, True])
def test_people_who_were_answered_are_not_sent_again(ledger: Ledger, together: bool) -> None:
    ledger.asked("create", "applied", ONE)
    ledger.asked("create", "in_doubt", TWO)
    ledger.asked("archive", "applied", "three@example.org")
    assert sent_by(ledger, together=together) == [("create", TWO, 0)]
    assert sent_by(ledger, together=together) == []


def test_what_rides_waits_with_the_verb_that_it_rides_on(ledger: Ledger) -> None:
    """A subscriber who may not be archived yet, since an earlier verb of theirs waits, leaves no list by it either."""
    ledger.asked("create", "pending", ONE)
    ledger.put(
        "planned_operation",
        run_id=ledger.run_id,
        provider="mailchimp",
        verb="archive",
        subscriber_key=ONE,
        leaves=[1],
        carried=[1],
    )
    with ledger.state.transaction() as state:
        rows = state.rows(
            "load/to_load_together",
            run_id=ledger.run_id,
            provider="mailchimp",
            batch_size=10,
            waits_for_subscriber=True,
            verbs=["archive"],
            keeps_record=False,
        )
    assert rows == []
