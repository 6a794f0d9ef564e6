"""Writes outcomes down, and fetches those of work that was handed over and goes on at the provider."""

from __future__ import annotations

import itertools
import operator
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, QuotaExhaustedError, TransientError, UnderWayError
from crm_sync.model import Status
from crm_sync.operations import Operation
from crm_sync.pipeline import settling
from crm_sync.pipeline.isolation import Batch
from crm_sync.pipeline.sync import Sync, log, writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crm_sync.database import Transaction
    from crm_sync.operations import Outcome
    from crm_sync.pipeline.isolation import Isolation

# What a verb may answer, and of that what must say why.
_ANSWERED = frozenset(Status) - {Status.PENDING, Status.HELD}
_NEEDS_REASON = frozenset({Status.REFUSED, Status.DEFERRED})


def verify(batch: Collection[Operation], answer: Collection[Outcome]) -> None:
    """Exactly one outcome for each operation, or the run stops: nobody guesses what became of a person."""
    asked, told = set(map(id, batch)), set(map(id, map(operator.attrgetter("operation"), answer)))
    if asked != told or len(answer) != len(asked):
        raise ContractError(f"{len(batch)} operations were sent and {len(answer)} outcomes came back, or of others")
    said = set(map(operator.attrgetter("status"), answer))
    if said == {Status.APPLIED}:
        return
    if not said <= _ANSWERED:
        raise ContractError("a verb may answer applied, refused or deferred, or sent with a ticket, only")
    if not all(each.ticket for each in answer if each.status == Status.SENT):
        raise ContractError("what goes on at the provider must have a ticket")
    if not all(each.reason for each in answer if each.status in _NEEDS_REASON):
        raise ContractError("what was not applied must have a reason")


def set_apart(sync: Sync, isolation: Isolation) -> None:
    """Write down, as tried again later, what fails for one record while others are answered."""
    told = isolation.told_from_weather()
    if not told:
        return
    with writing(sync) as state:
        for each in told:
            settling.set_apart(state, sync.run, each.operations, each.error.reason, each.sent_at)
    log.warning("%d records are tried again later, for their own calls fail", len(told))


def collect(sync: Sync, isolation: Isolation) -> None:
    """Settle what the provider has finished by now, but for those whose own calls fail. A QuotaExhaustedError where the
    rest can only be asked about when the provider's next day of calls begins; it goes on there meanwhile."""
    out_of_calls: QuotaExhaustedError | None = None
    with sync.state.transaction() as reading:
        for ticket, batch in _under_way(sync, reading):
            try:
                answer = _collected(sync, ticket, batch, isolation)
            except QuotaExhaustedError as error:
                out_of_calls = out_of_calls or error
                continue
            if answer is not None:
                _settle_collected(sync, ticket, batch, answer)
    if out_of_calls is not None:
        note_rest(sync, out_of_calls)
        raise out_of_calls
    set_apart(sync, isolation)
    for suspect in isolation.suspects:
        raise suspect.error


def _under_way(sync: Sync, reading: Transaction) -> Iterator[tuple[str, list[Operation]]]:
    """What each ticket stands for, as of now; the operations of one ticket at a time are held."""
    pieces = reading.records("load/to_collect", Operation, sync.settings.rows_per_frame, run_id=sync.run.run_id)
    rows = itertools.chain.from_iterable(pieces)
    for ticket, batch in itertools.groupby(rows, key=operator.attrgetter("ticket")):
        yield ticket, list(batch)


def _settle_collected(sync: Sync, ticket: str, batch: list[Operation], answer: list[Outcome]) -> None:
    """What is known of a ticket's work; the ticket stands for whoever is left."""
    with writing(sync) as state:
        settling.settle(state, sync.run, [(Batch(batch, None), answer)])
        if len(answer) == len(batch):
            state.run("load/ticket_done", run_id=sync.run.run_id, ticket=ticket)
    log.info("the work of ticket %s is done: %d settled", ticket, len(answer))


def _collected(sync: Sync, ticket: str, batch: list[Operation], isolation: Isolation) -> list[Outcome] | None:
    """The outcomes of a ticket; None where its work goes on, or fails for each whom it is about."""
    while batch and not isolation.is_down:
        try:
            answer = sync.client.collect(ticket, batch)
        except QuotaExhaustedError:
            raise
        except (TransientError, ContractError) as error:
            named = [each for each in batch if each.subject in error.about]
            if not named:
                raise
            isolation.suspect(named, None, error)
            batch = [each for each in batch if each.subject not in error.about]
        else:
            if answer is not None:
                verify(batch, answer)
                isolation.answered += 1
            return answer
    return None


def note_rest(sync: Sync, error: QuotaExhaustedError) -> None:
    """Keep with the run when the provider's next day of calls begins: nobody waits for its work until then, and what is
    deferred is tried again then."""
    with writing(sync) as state:
        state.run("load/rest_until", run_id=sync.run.run_id, again_at=error.again_at)


def await_tickets(sync: Sync) -> None:
    """Go on only when nothing is under way: else an UnderWayError, or, after the hours one waits, a TransientError."""
    with sync.state.transaction() as state:
        left = state.value("load/under_way", run_id=sync.run.run_id)
    if not left:
        return
    _give_up(sync)
    seconds = sync.provider.seconds_between_looks
    raise UnderWayError(f"{left} operations are under way at {sync.provider.title}; looking again", seconds)


def _give_up(sync: Sync) -> None:
    before = sync.now - timedelta(hours=sync.provider.hours_to_wait)
    with writing(sync) as state:
        given_up = state.run("load/give_up_tickets", run_id=sync.run.run_id, before=before)
    if given_up:
        raise TransientError(
            f"{sync.provider.title} was still at work on {given_up} operations after"
            f" {sync.provider.hours_to_wait} hours; the next run finds out what became of them"
        )


def leave_in_doubt(sync: Sync, batches: list[Batch]) -> None:
    """Calls that were made when a later run had been opened already. That run may have asked for the same people before
    them, or after: who reads the CRM next asks again. To doubt is right at any time, so this needs no token."""
    keys = [each.key for batch in batches for each in batch.operations]
    operation_ids, verbs, list_ids = (list(column) for column in zip(*keys, strict=True)) if keys else ([], [], [])
    with sync.state.transaction() as state:
        state.run("load/leave_in_doubt", operation_ids=operation_ids, verbs=verbs, list_ids=list_ids)
