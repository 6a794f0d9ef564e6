"""Runs are opened one at a time, reopened, handed over when they died, and never replayed when they are old."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crm_sync.errors import BusyError, ContractError, SupersededError
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import Asked, Mode, Run, RunState


def opened(state: Database, name: str, **options: Any) -> Run:
    watch = {key: options.pop(key) for key in ("is_alive", "abandon") if key in options}
    asked = Asked(options.pop("provider", "mailchimp"), name, options.pop("mode", Mode.CHANGES), **options)
    return store.open_run(state, asked, **watch)


def closed(state: Database, run: Run, how: RunState) -> None:
    with state.transaction() as transaction:
        store.close(transaction, run, how)


def test_a_run_is_opened_and_found_again(state: Database) -> None:
    run = opened(state, "one", mode=Mode.FULL, dry_run=True, notice="why")
    assert (run.provider, run.mode, run.dry_run, run.state) == ("mailchimp", Mode.FULL, True, RunState.OPEN)
    assert store.load_run(state, "mailchimp", "one") == run
    assert run.reads_everyone
    assert not run.forces_resend


def test_a_run_that_was_never_opened_says_from_where_to_clear(state: Database) -> None:
    with pytest.raises(ContractError, match="clear the whole run"):
        store.load_run(state, "mailchimp", "never")


def test_a_cleared_run_keeps_its_number_and_begins_again(state: Database) -> None:
    first = opened(state, "one")
    closed(state, first, RunState.FAILED)
    again = opened(state, "one", mode=Mode.FULL)
    assert (again.run_id, again.state, again.mode) == (first.run_id, RunState.OPEN, Mode.FULL)


def test_another_run_that_is_alive_is_waited_for(state: Database) -> None:
    opened(state, "one")
    with pytest.raises(BusyError, match="one"):
        opened(state, "two", is_alive=lambda other: other == "one")
    with pytest.raises(ContractError):
        store.load_run(state, "mailchimp", "two")


def test_another_provider_is_not_waited_for(state: Database) -> None:
    opened(state, "one")
    assert opened(state, "one", provider="other", is_alive=lambda _: True).provider == "other"


@pytest.mark.parametrize("how", [RunState.RECORDED, RunState.FAILED, RunState.IDLE, RunState.PREVIEWED])
def test_a_run_that_ended_is_not_waited_for(how: RunState, state: Database) -> None:
    closed(state, opened(state, "one"), how)
    assert opened(state, "two", is_alive=lambda _: True).state is RunState.OPEN


def test_a_run_that_died_is_handed_over_first(state: Database) -> None:
    dead = opened(state, "one")
    handed: list[Run] = []

    def abandon(run: Run) -> None:
        handed.append(run)
        closed(state, run, RunState.FAILED)

    opened(state, "two", abandon=abandon)
    assert [run.run_id for run in handed] == [dead.run_id]


def test_of_two_that_open_at_once_one_waits(state: Database) -> None:
    gate = threading.Barrier(2)

    def race(name: str) -> str:
        gate.wait()
        try:
            opened(state, name, is_alive=lambda _: True)
        except BusyError:
            return "~ busy"
        return name

    for turn in range(5):
        with ThreadPoolExecutor(2) as pool:
            told = sorted(pool.map(race, (f"a{turn}", f"b{turn}")))
        assert told[1] == "~ busy"
        closed(state, store.load_run(state, "mailchimp", told[0]), RunState.FAILED)


@pytest.mark.parametrize("becomes", [RunState.RECORDED, RunState.FAILED, RunState.IDLE])
def test_a_run_writes_nothing_once_a_later_one_was_opened_whatever_became_of_that(
    becomes: RunState, state: Database
) -> None:
    old = opened(state, "old")
    closed(state, old, RunState.FAILED)
    with store.writing(state, old) as transaction:
        store.close(transaction, old, RunState.FAILED)
    closed(state, opened(state, "new"), becomes)
    with pytest.raises(SupersededError, match="later run"), store.writing(state, old):
        pytest.fail("it may not even begin")
    again = opened(state, "old")
    with store.writing(state, again) as transaction:
        store.require_token(transaction, again)


def test_what_a_run_was_writing_when_a_later_one_was_opened_is_not_kept(state: Database) -> None:
    old = opened(state, "old")
    closed(state, old, RunState.FAILED)

    def write_too_late() -> None:
        with store.writing(state, old) as transaction:
            transaction.run("runs/stage_completed", run_id=old.run_id, stage="plan", token=old.token)
            assert store.has_completed(transaction, old, "plan")
            opened(state, "new")

    with pytest.raises(SupersededError):
        write_too_late()
    with state.transaction() as transaction:
        assert not store.has_completed(transaction, old, "plan")


def test_another_provider_does_not_supersede(state: Database) -> None:
    run = opened(state, "one")
    opened(state, "two", provider="another")
    with store.writing(state, run) as transaction:
        store.require_newest(transaction, run)


def test_a_run_that_died_is_handed_over_with_the_token_of_its_heir(state: Database) -> None:
    dead = opened(state, "one")
    handed: list[Run] = []

    def abandon(run: Run) -> None:
        handed.append(run)
        with store.writing(state, run) as transaction:
            store.close(transaction, run, RunState.FAILED)

    heir = opened(state, "two", abandon=abandon)
    assert [(run.run_id, run.token) for run in handed] == [(dead.run_id, heir.token)]
