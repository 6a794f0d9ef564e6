"""Work that goes on at the provider, and a day without calls left: what the load does, and what the ledger is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_sync.errors import QuotaExhaustedError, TransientError, UnderWayError, about
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import RunState, next_midnight
from crm_sync.operations import Operation, Outcome, outcomes
from crm_sync.pipeline.context import RunContext
from crm_sync.pipeline.fold import fold
from crm_sync.pipeline.load import load
from unit.pipeline.ledger import ONE, TWO, Ledger

AGAIN_AT = datetime.now(UTC) + timedelta(hours=20)


class Patient:
    """A provider that takes a batch, and tells later what became of it; not while its calls of the day are used up."""

    def identity(self) -> str:
        return ""  # it does not say who it is

    def __init__(self, looks: int) -> None:
        self.looks, self.created, self.is_spent = looks, 0, False

    @property
    def verbs(self) -> dict[str, Any]:
        return {"create": self.create}

    def create(self, batch: list[Operation]) -> list[Outcome]:
        self.created += len(batch)
        return [Outcome(each, "submitted", job="t1") for each in batch]

    def collect(self, job: str, batch: list[Operation]) -> list[Outcome] | None:
        assert job == "t1"
        if self.is_spent:
            raise QuotaExhaustedError("10000 of 10000 calls are used", AGAIN_AT)
        self.looks -= 1
        refused = {TWO: "compliance"}
        return None if self.looks >= 0 else outcomes(batch, refused=refused, remote_ids={ONE: "r1"})


class Spent:
    """A provider whose calls of the day are used up."""

    def identity(self) -> str:
        return ""

    @property
    def verbs(self) -> dict[str, Any]:
        return {"create": self.create}

    def create(self, _: list[Operation]) -> list[Outcome]:
        raise QuotaExhaustedError("9500 of 10000 calls are used", AGAIN_AT)


@pytest.fixture
def ledger(state: Database) -> Ledger:
    made = Ledger(state)
    for number, subscriber_key in enumerate((ONE, TWO), start=1):
        made.wants(subscriber_key, contact_id=number)
        made.asked("create", "pending", subscriber_key, contact_id=number)
    made.ask("update crm_sync.run set state = 'planned', extracted_at = now()")
    return made


def sync_of(ledger: Ledger, client: Any, *, hours_later: float = 0) -> RunContext:
    return RunContext(
        run=store.load_run(ledger.state, "mailchimp", "one"),
        provider=replace(ledger.ctx.provider, hears_opt_outs=False, seconds_between_polls=7, hours_to_wait=2),
        settings=ledger.ctx.settings,
        state=ledger.state,
        crm=ledger.state,
        connect=lambda: client,
        now=datetime.now(UTC) + timedelta(hours=hours_later),
    )


def told(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.ask(
        "select subscriber_key, status, reason, remote_id from crm_sync.operation order by subscriber_key"
    )


def test_a_load_says_how_far_it_came(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="crm_sync")
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, Patient(looks=0)))
    assert [line for line in caplog.messages if line.startswith("enroll: 0 of 2 settled, 2 submitted")]
    caplog.clear()
    load(sync_of(ledger, Patient(looks=0)))
    assert caplog.messages == ["the work of job t1 is done: 2 settled"]


def test_a_batch_that_was_handed_over_is_asked_about_until_it_is_done(ledger: Ledger) -> None:
    client = Patient(looks=1)
    for _ in range(2):
        with pytest.raises(UnderWayError, match="2 operations are under way") as caught:
            load(sync_of(ledger, client))
        assert caught.value.seconds == 7
    assert {row[1] for row in told(ledger)} == {"submitted"}
    load(sync_of(ledger, client))
    assert told(ledger) == [(ONE, "applied", None, "r1"), (TWO, "refused", "compliance", None)]
    assert client.created == 2, "handed over once"


def test_work_that_never_ends_is_given_up_and_left_to_the_next_run(ledger: Ledger) -> None:
    client = Patient(looks=99)
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, client))
    with pytest.raises(TransientError, match="still at work on 2 operations after 2 hours") as caught:
        load(sync_of(ledger, client, hours_later=3))
    assert not isinstance(caught.value, UnderWayError)
    assert {row[1:3] for row in told(ledger)} == {("deferred", "still_under_way")}
    ledger.fold()
    assert ledger.holding("unanswered_verb") == ("create",), "it may have had its effect"


def test_without_calls_left_what_can_wait_is_deferred_to_the_next_day_and_the_run_says_so(ledger: Ledger) -> None:
    ctx = sync_of(ledger, Spent())
    load(ctx)
    assert {row[1:3] for row in told(ledger)} == {("deferred", "daily_quota")}
    (notice,) = ledger.ask("select notice from crm_sync.run")[0]
    assert "2 operations wait for tomorrow's calls: 9500 of 10000" in notice
    with ledger.state.transaction() as transaction:
        fold(ctx, transaction, left_over="load_failed")
        assert transaction.value("record/left_over", run_id=ledger.run_id) == 0, "the run is not red for it"
        store.close(transaction, ctx.run, RunState.RECORDED)
    assert ledger.holding("state, reason, retry_at") == ("absent", "deferred", AGAIN_AT)


def test_what_one_person_waits_for_comes_by_the_clock_here_where_the_load_went_on(ledger: Ledger) -> None:
    with ledger.state.transaction() as transaction:
        assert transaction.run("load/defer_for_quota", run_id=ledger.run_id) == 2
    ledger.ask("update crm_sync.run set calls_again_at = now() - interval '1 hour'")  # of a rest that is over
    ledger.fold()
    assert ledger.holding("retry_at") == (next_midnight(ledger.ctx.now),)


def test_what_was_handed_over_rests_until_there_are_calls_again(ledger: Ledger) -> None:
    client = Patient(looks=0)
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, client))
    client.is_spent = True
    for hours_later in (0, 5):
        with pytest.raises(QuotaExhaustedError) as caught:
            load(sync_of(ledger, client, hours_later=hours_later))
        assert caught.value.again_at == AGAIN_AT
        assert {row[1] for row in told(ledger)} == {"submitted"}, "handed over still, neither deferred nor failed"
    client.is_spent = False
    load(sync_of(ledger, client, hours_later=21))
    assert told(ledger) == [(ONE, "applied", None, "r1"), (TWO, "refused", "compliance", None)]
    assert client.created == 2, "handed over once"


def test_a_rest_does_not_count_as_waiting_for_the_provider(ledger: Ledger) -> None:
    client = Patient(looks=99)
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, client))
    client.is_spent = True
    with pytest.raises(QuotaExhaustedError):
        load(sync_of(ledger, client))
    client.is_spent = False
    with pytest.raises(UnderWayError, match="2 operations are under way"):
        load(sync_of(ledger, client, hours_later=21))
    with pytest.raises(TransientError, match="still at work on 2 operations after 2 hours"):
        load(sync_of(ledger, client, hours_later=23))
    assert {row[1:3] for row in told(ledger)} == {("deferred", "still_under_way")}


class Partial(Patient):
    """A provider that does not answer the call about one person whose work it was handed."""

    def collect(self, job: str, batch: list[Operation]) -> list[Outcome] | None:
        with about(TWO):
            if TWO in {each.subscriber_key for each in batch}:
                raise TransientError("no answer", "server_error_500")
        return super().collect(job, batch)


def test_whoever_cannot_be_asked_about_keeps_nobody_else_waiting(ledger: Ledger) -> None:
    client = Partial(looks=0)
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, client))
    load(sync_of(ledger, client))
    assert [row[1:3] for row in told(ledger)] == [("applied", None), ("deferred", "server_error_500")]


def test_where_nobody_can_be_asked_about_the_load_is_tried_again(ledger: Ledger) -> None:
    ledger.ask("delete from crm_sync.planned_operation where subscriber_key = %s", [ONE])
    client = Partial(looks=0)
    with pytest.raises(UnderWayError):
        load(sync_of(ledger, client))
    with pytest.raises(TransientError, match="no answer"):
        load(sync_of(ledger, client))
    assert {row[1] for row in told(ledger)} == {"submitted"}


class Relay(Patient):
    """A provider whose work under one job ends with another that goes on."""

    def collect(self, job: str, batch: list[Operation]) -> list[Outcome] | None:
        if job == "t1":
            return [Outcome(each, "submitted", job="t2") for each in batch]
        return outcomes(batch)


def test_what_goes_on_under_another_job_is_not_done(ledger: Ledger) -> None:
    client = Relay(looks=0)
    for _ in range(2):
        with pytest.raises(UnderWayError):
            load(sync_of(ledger, client))
        assert {row[1] for row in told(ledger)} == {"submitted"}
    load(sync_of(ledger, client))
    assert {row[1] for row in told(ledger)} == {"applied"}
