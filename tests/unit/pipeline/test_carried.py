"""A membership that rides on another verb's call is sent, and counted, with that call, and not once more by itself."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from crm_sync.client import Client, OptOuts
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import Verb
from crm_sync.operations import Operation, Outcome, outcomes
from crm_sync.pipeline.context import RunContext
from crm_sync.pipeline.load import load
from unit.pipeline.ledger import ONE, TWO, Ledger


class Notes:
    """A provider that takes everything, and keeps which operations came with which call."""

    def identity(self) -> str:
        return ""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[tuple[str, str]]]] = []

    def opt_outs(self, since: datetime | None) -> OptOuts:
        return OptOuts([], datetime.now(UTC))

    @property
    def verbs(self) -> dict[str, Any]:
        return {"create": self.create, "change_membership": self.change_membership}

    def create(self, batch: list[Operation]) -> list[Outcome]:
        return self._noted("create", batch)

    def change_membership(self, batch: list[Operation]) -> list[Outcome]:
        return self._noted("change_membership", batch)

    def _noted(self, call: str, batch: list[Operation]) -> list[Outcome]:
        self.calls.append((call, [(each.verb, each.subscriber_key) for each in batch]))
        return outcomes(batch)


@pytest.fixture
def ledger(state: Database) -> Ledger:
    """One person to create, whose list rides on it, and another who is there and joins that list by a call."""
    made = Ledger(state)
    made.put("list_holding", provider="mailchimp", list_id=1, remote_id="there")
    made.asked("create", "pending", ONE)
    made.asked("add_to_list", "pending", ONE, list_id=1, carried_by="create")
    made.asked("add_to_list", "pending", TWO, list_id=1)
    made.ask("update crm_sync.run set state = 'planned', extracted_at = now()")
    return made


def riding(ledger: Ledger, notes: Notes) -> RunContext:
    return RunContext(
        run=store.load_run(ledger.state, "mailchimp", "one"),
        provider=replace(ledger.ctx.provider, carries={"enroll": frozenset({Verb.ADD_TO_LIST})}),
        settings=ledger.ctx.settings,
        state=ledger.state,
        crm=ledger.state,
        connect=lambda: cast("Client", notes),
        now=datetime.now(UTC),
    )


def test_what_rides_goes_and_counts_with_its_call(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="crm_sync")
    notes = Notes()
    load(riding(ledger, notes))
    assert notes.calls == [
        ("create", [("create", ONE), ("add_to_list", ONE)]),
        ("change_membership", [("add_to_list", TWO)]),
    ]
    said = [line.partition(" settled")[0] for line in caplog.messages]
    assert said == ["enroll: 2 of 2", "change_membership: 1 of 1"]


def test_what_cannot_ride_since_its_list_is_not_there_is_not_done_by_the_call(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=2, reason="list_name_taken")
    ledger.asked("add_to_list", "pending", ONE, list_id=2, carried_by="create")
    notes = Notes()
    load(riding(ledger, notes))
    assert notes.calls[0] == ("create", [("create", ONE), ("add_to_list", ONE)])
    told = ledger.ask(
        "select list_id, status, reason from crm_sync.operation where subscriber_key = %s order by 1", [ONE]
    )
    assert told == [(1, "applied", None), (2, "refused", "list_refused"), (None, "applied", None)]
