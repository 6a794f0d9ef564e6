"""Verifies outcomes, and collects those of jobs that the provider is still working on."""

from __future__ import annotations

import itertools
import operator
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, QuotaExhaustedError, TransientError, UnderWayError
from crm_sync.model import Status
from crm_sync.operations import Operation
from crm_sync.pipeline import settling
from crm_sync.pipeline.context import RunContext, log, writing
from crm_sync.pipeline.isolation import Batch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crm_sync.ledger.database import Transaction
    from crm_sync.operations import Outcome
    from crm_sync.pipeline.isolation import Isolation

# The statuses that a verb may return, and those of them that need a reason.
_RETURNED = frozenset({Status.APPLIED, Status.REFUSED, Status.DEFERRED, Status.SUBMITTED})
_NEEDS_REASON = frozenset({Status.REFUSED, Status.DEFERRED})


def verify(batch: Collection[Operation], answer: Collection[Outcome]) -> None:
    """Require exactly one valid outcome for each operation; otherwise a ContractError stops the run."""
    asked, told = set(map(id, batch)), set(map(id, map(operator.attrgetter("operation"), answer)))
    if asked != told or len(answer) != len(asked):
        raise ContractError(
            f"{len(batch)} operations were sent, and {len(answer)} outcomes came back, or outcomes of other operations"
        )
    said = set(map(operator.attrgetter("status"), answer))
    if said == {Status.APPLIED}:
        return
    if not said <= _RETURNED:
        raise ContractError("a verb may only return applied, refused, deferred, or submitted with a job")
    if not all(each.job for each in answer if each.status == Status.SUBMITTED):
        raise ContractError("an operation that is submitted must have a job")
    if not all(each.reason for each in answer if each.status in _NEEDS_REASON):
        raise ContractError("an operation that is refused or deferred must have a reason")


def set_apart(ctx: RunContext, isolation: Isolation) -> None:
    """Defer the records whose own calls fail while those for others succeed."""
    told = isolation.told_from_weather()
    if not told:
        return
    with writing(ctx) as state:
        for each in told:
            settling.set_apart(state, ctx.run, each.operations, each.error.reason, each.sent_at)
    log.warning("%d records are retried later because their own calls fail", len(told))


def collect(ctx: RunContext, isolation: Isolation) -> None:
    """Settle what the provider has finished by now, but for those whose own calls fail. A QuotaExhaustedError where the
    rest can only be asked about when the provider's next day of calls begins; it goes on there meanwhile."""
    out_of_calls: QuotaExhaustedError | None = None
    with ctx.state.transaction() as reading:
        for job, batch in _under_way(ctx, reading):
            try:
                answer = _collected(ctx, job, batch, isolation)
            except QuotaExhaustedError as error:
                out_of_calls = out_of_calls or error
                continue
            if answer is not None:
                _settle_collected(ctx, job, batch, answer)
    if out_of_calls is not None:
        note_rest(ctx, out_of_calls)
        raise out_of_calls
    set_apart(ctx, isolation)
    for suspect in isolation.suspects:
        raise suspect.error


def _under_way(ctx: RunContext, reading: Transaction) -> Iterator[tuple[str, list[Operation]]]:
    """Each job with the operations that it still stands for; only one job's operations are in memory at a time."""
    key = {"run_id": ctx.run.run_id, "keeps_record": ctx.provider.keeps_record}
    pieces = reading.records("load/to_collect", Operation, ctx.settings.rows_per_frame, **key)
    rows = itertools.chain.from_iterable(pieces)
    for job, batch in itertools.groupby(rows, key=operator.attrgetter("job")):
        yield job, list(batch)


def _settle_collected(ctx: RunContext, job: str, batch: list[Operation], answer: list[Outcome]) -> None:
    """Settle what is known of a job's work; the job continues to stand for the rest."""
    with writing(ctx) as state:
        settling.settle(state, ctx.run, [(Batch(batch, None), answer)])
        if len(answer) == len(batch):
            state.run("load/job_done", run_id=ctx.run.run_id, job=job)
    log.info("the work of job %s is done: %d settled", job, len(answer))


def _collected(ctx: RunContext, job: str, batch: list[Operation], isolation: Isolation) -> list[Outcome] | None:
    """The outcomes of a job; None if the provider is still working on it, or if asking fails for everyone in it."""
    while batch and not isolation.is_down:
        try:
            answer = ctx.client.collect(job, batch)
        except QuotaExhaustedError:
            raise
        except (TransientError, ContractError) as error:
            named = [each for each in batch if each.subscriber_key in error.about]
            if not named:
                raise
            isolation.suspect(named, None, error)
            batch = [each for each in batch if each.subscriber_key not in error.about]
        else:
            if answer is not None:
                verify(batch, answer)
                isolation.answered += 1
            return answer
    return None


def note_rest(ctx: RunContext, error: QuotaExhaustedError) -> None:
    """Keep with the run when the provider's next day of calls begins: nobody waits for its work until then, and what is
    deferred is tried again then."""
    with writing(ctx) as state:
        state.run("load/rest_until", run_id=ctx.run.run_id, again_at=error.again_at)


def await_jobs(ctx: RunContext) -> None:
    """Return if no job is under way. Otherwise raise an UnderWayError, or a TransientError once the provider's time
    limit has passed."""
    with ctx.state.transaction() as state:
        left = state.value("load/under_way", run_id=ctx.run.run_id)
    if not left:
        return
    _give_up(ctx)
    seconds = ctx.provider.seconds_between_polls
    raise UnderWayError(f"{left} operations are under way at {ctx.provider.title}; checking again", seconds)


def _give_up(ctx: RunContext) -> None:
    before = ctx.now - timedelta(hours=ctx.provider.hours_to_wait)
    with writing(ctx) as state:
        given_up = state.run("load/give_up_jobs", run_id=ctx.run.run_id, before=before)
    if given_up:
        raise TransientError(
            f"{ctx.provider.title} was still at work on {given_up} operations after"
            f" {ctx.provider.hours_to_wait} hours; the next run finds out whether they took effect"
        )


def leave_in_doubt(ctx: RunContext, batches: list[Batch]) -> None:
    """Calls that were made when a later run had been opened already. That run may have asked for the same people before
    them, or after: who reads the CRM next asks again. To doubt is right at any time, so this needs no token."""
    keys = [each.key for batch in batches for each in batch.operations]
    operation_ids, verbs, list_ids = (list(column) for column in zip(*keys, strict=True)) if keys else ([], [], [])
    with ctx.state.transaction() as state:
        state.run("load/leave_in_doubt", operation_ids=operation_ids, verbs=verbs, list_ids=list_ids)
