"""Calls stay within a second's pace and a day's quota, whoever else makes calls, whatever the clock here says."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.fernet import Fernet

from crm_sync import providers
from crm_sync.errors import QuotaExhaustedError
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from crm_sync.transport.answer import Response
from crm_sync.transport.budget import Budget
from unit.answers import answer

SHEET = replace(providers.get("mailchimp"), calls_per_day=20)


@pytest.fixture
def client_state(state: Database) -> ClientState:
    return ClientState(state, SHEET.name, Fernet(Fernet.generate_key()))


def answer_of(moment: datetime) -> Response:
    return answer(Date=format_datetime(moment, usegmt=True))


def spend_all(budget: Budget, *, can_wait: bool) -> int:
    spent = 0
    while True:
        try:
            budget.acquire(can_wait=can_wait)
        except QuotaExhaustedError:
            return spent
        spent += 1


def test_the_last_calls_of_a_day_are_for_what_cannot_wait(client_state: ClientState) -> None:
    budget = Budget(SHEET, client_state)
    assert spend_all(budget, can_wait=True) == 19
    assert spend_all(budget, can_wait=False) == 1
    with pytest.raises(QuotaExhaustedError, match="20 of 20 calls"):
        budget.acquire(can_wait=False)
    assert client_state.calls_of(budget.day) == 20, "what was not called is not counted"


def test_the_day_is_the_providers(client_state: ClientState) -> None:
    budget = Budget(SHEET, client_state)
    spend_all(budget, can_wait=False)
    budget.sync_clock(answer_of(datetime.now(UTC) + timedelta(days=1)))
    budget.acquire(can_wait=True)
    assert client_state.calls_of(budget.day) == 1
    assert budget.day == (datetime.now(UTC) + timedelta(days=1)).date()


def test_calls_of_others_count_when_the_provider_says_so(client_state: ClientState) -> None:
    budget = Budget(SHEET, client_state)
    budget.acquire(can_wait=True)
    budget.exhaust()
    assert spend_all(Budget(SHEET, client_state), can_wait=False) == 0


def test_so_many_calls_a_second(client_state: ClientState) -> None:
    budget = Budget(replace(SHEET, calls_per_day=None, calls_per_second=4), client_state)
    began = time.monotonic()
    for _ in range(9):
        budget.acquire(can_wait=True)
    assert time.monotonic() - began >= 1.9, "the ninth call has to wait for the third second"
    assert client_state.calls_of(budget.day) == 0, "nobody asked for a count"
