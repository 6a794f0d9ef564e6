"""Writes outcomes down, and fetches those of work that was handed over and goes on at the provider."""

from __future__ import annotations

import itertools
import operator
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, QuotaExhaustedError, TransientError, UnderWayError
from crm_sync.model import Status
from crm_sync.operations import Operation, array_of_ids
from crm_sync.pipeline.sync import Sync, log, writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from crm_sync.database import Transaction
    from crm_sync.operations import Outcome
    from crm_sync.pipeline.isolation import Batch, Isolation

# What a verb may answer, and of that what must say why.
_ANSWERED = frozenset(Status) - {Status.PENDING, Status.HELD}
_NEEDS_REASON = frozenset({Status.REFUSED, Status.DEFERRED})


def verify(batch: Collection[Operation], answer: Collection[Outcome]) -> None:
    """Exactly one outcome for each operation, or the run stops: nobody guesses what became of a person."""
    asked, told = set(map(id, batch)), {id(each.operation) for each in answer}
    if asked != told or len(answer) != len(asked):
        raise ContractError(f"{len(batch)} operations were sent and {len(answer)} outcomes came back, or of others")
    if not {each.status for each in answer} <= _ANSWERED:
        raise ContractError("a verb may answer applied, refused or deferred, or sent with a ticket, only")
    if not all(each.ticket for each in answer if each.status == Status.SENT):
        raise ContractError("what goes on at the provider must have a ticket")
    if not all(each.reason for each in answer if each.status in _NEEDS_REASON):
        raise ContractError("what was not applied must have a reason")


def settle(state: Transaction, answer: Iterable[Outcome], sent_at: datetime | None, *, of_lists: bool) -> None:
    """Write outcomes down. Those that were applied and have nothing to tell, nearly all, go as bare ids.

    ``sent_at``: when their calls may have begun, None where that is known by now.
    """
    kinds: dict[str, list[Outcome]] = {"bare": [], "tells": [], "sent": []}
    for each in answer:
        is_bare = each.status == Status.APPLIED and not each.remote_id and not each.reason
        kinds["bare" if is_bare else "sent" if each.status == Status.SENT else "tells"].append(each)
    if kinds["bare"]:
        state.run("state/settle_applied", operation_ids=_ids(kinds["bare"]), sent_at=sent_at)
    if kinds["tells"]:
        _settle_tellers(state, kinds["tells"], sent_at)
    if kinds["sent"]:
        tickets = [each.ticket for each in kinds["sent"]]
        state.run("state/settle_sent", operation_ids=_ids(kinds["sent"]), tickets=tickets)
    if of_lists:
        ids = _ids(itertools.chain.from_iterable(kinds.values()))
        state.run("state/refuse_shared_lists", operation_ids=ids)
        state.run("state/list_settled", operation_ids=ids)


def _settle_tellers(state: Transaction, answer: list[Outcome], sent_at: datetime | None) -> None:
    state.run(
        "state/settle",
        operation_ids=_ids(answer),
        statuses=[each.status for each in answer],
        reasons=[each.reason for each in answer],
        remote_ids=[each.remote_id for each in answer],
        sent_at=sent_at,
    )


def _ids(answer: Iterable[Outcome]) -> str:
    return array_of_ids(each.operation for each in answer)


def set_apart(sync: Sync, isolation: Isolation) -> None:
    """Write down, as tried again later, what fails for one record while others are answered."""
    told = isolation.told_from_weather()
    if not told:
        return
    with writing(sync) as state:
        for each in told:
            ids = array_of_ids(each.operations)
            state.run("state/settle_isolated", operation_ids=ids, reason=each.error.reason, sent_at=each.sent_at)
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
                _settle_collected(sync, ticket, answer)
    if out_of_calls is not None:
        note_rest(sync, out_of_calls)
        raise out_of_calls
    set_apart(sync, isolation)
    for suspect in isolation.suspects:
        raise suspect.error


def _under_way(sync: Sync, reading: Transaction) -> Iterator[tuple[str, list[Operation]]]:
    """What each ticket stands for, as of now; the operations of one ticket at a time are held."""
    pieces = reading.records("state/to_collect", Operation, sync.settings.rows_per_frame, run_id=sync.run.run_id)
    rows = itertools.chain.from_iterable(pieces)
    for ticket, batch in itertools.groupby(rows, key=operator.attrgetter("ticket")):
        yield ticket, list(batch)


def _settle_collected(sync: Sync, ticket: str, answer: list[Outcome]) -> None:
    with writing(sync) as state:
        settle(state, answer, None, of_lists=any(not each.operation.subject for each in answer))
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
        state.run("state/rest_until", run_id=sync.run.run_id, again_at=error.again_at)


def await_tickets(sync: Sync) -> None:
    """Go on only when nothing is under way: else an UnderWayError, or, after the hours one waits, a TransientError."""
    with sync.state.transaction() as state:
        left = state.value("state/under_way", run_id=sync.run.run_id)
    if not left:
        return
    _give_up(sync)
    seconds = sync.provider.seconds_between_looks
    raise UnderWayError(f"{left} operations are under way at {sync.provider.title}; looking again", seconds)


def _give_up(sync: Sync) -> None:
    before = sync.now - timedelta(hours=sync.provider.hours_to_wait)
    with writing(sync) as state:
        given_up = state.run("state/give_up_tickets", run_id=sync.run.run_id, before=before)
    if given_up:
        raise TransientError(
            f"{sync.provider.title} was still at work on {given_up} operations after"
            f" {sync.provider.hours_to_wait} hours; the next run finds out what became of them"
        )


def leave_in_doubt(sync: Sync, batches: list[Batch]) -> None:
    """Calls that were made when a later run had been opened already. That run may have asked for the same people before
    them, or after: who reads the CRM next asks again. To doubt is right at any time, so this needs no token."""
    ids = [each.operation_id for batch in batches for each in batch.operations]
    with sync.state.transaction() as state:
        state.run("state/leave_in_doubt", operation_ids=ids)
