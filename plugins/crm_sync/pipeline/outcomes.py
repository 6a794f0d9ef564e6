"""Writes outcomes down, and fetches those of work that was handed over and goes on at the provider."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, QuotaExhaustedError, TransientError, UnderWayError
from crm_sync.model import Status
from crm_sync.pipeline import arrays
from crm_sync.pipeline.sync import Sync, log, writing

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from crm_sync.database import Transaction
    from crm_sync.pipeline.isolation import Batch, Isolation


def verify(batch: pd.DataFrame, answer: pd.DataFrame) -> None:
    """Exactly one outcome for each operation, or the run stops: nobody guesses what became of a person."""
    asked, told = sorted(batch["operation_id"].tolist()), sorted(answer["operation_id"].tolist())
    if asked != told:
        raise ContractError(f"{len(asked)} operations were sent and {len(told)} outcomes came back, or of others")
    statuses = set(answer["status"].tolist())
    if statuses == {Status.APPLIED.value}:
        return
    if not statuses <= set(Status) - {Status.PENDING, Status.HELD}:
        raise ContractError("a verb may answer applied, refused or deferred, or sent with a ticket, only")
    sent = answer.reindex(columns=["ticket"], fill_value="")[answer["status"] == Status.SENT]
    if not sent["ticket"].all():
        raise ContractError("what goes on at the provider must have a ticket")
    needs_reason = answer["status"].isin([Status.REFUSED.value, Status.DEFERRED.value])
    if not answer.loc[needs_reason, "reason"].all():
        raise ContractError("what was not applied must have a reason")


def settle(state: Transaction, answer: pd.DataFrame, sent_at: datetime | None, *, of_lists: bool) -> None:
    """Write outcomes down. Those that were applied and have nothing to tell, nearly all, go as bare ids.

    ``sent_at``: when their calls may have begun, None where that is known by now.
    """
    is_bare = (answer["status"] == Status.APPLIED) & (answer["remote_id"] == "") & (answer["reason"] == "")
    bare, others = (answer[is_bare], answer[~is_bare]) if not is_bare.all() else (answer, answer[:0])
    if len(bare):
        state.run("state/settle_applied", operation_ids=arrays.text_of(bare["operation_id"]), sent_at=sent_at)
    if len(others):
        _settle_tellers(state, others, sent_at)
    if of_lists:
        ids = arrays.text_of(answer["operation_id"])
        state.run("state/refuse_shared_lists", operation_ids=ids)
        state.run("state/list_settled", operation_ids=ids)


def _settle_tellers(state: Transaction, answer: pd.DataFrame, sent_at: datetime | None) -> None:
    is_sent = answer["status"] == Status.SENT
    tells, sent = answer[~is_sent], answer[is_sent]
    state.run(
        "state/settle",
        operation_ids=arrays.text_of(tells["operation_id"]),
        statuses=tells["status"].tolist(),
        reasons=tells["reason"].tolist(),
        remote_ids=tells["remote_id"].tolist(),
        sent_at=sent_at,
    )
    if len(sent):
        ids, tickets = arrays.text_of(sent["operation_id"]), sent["ticket"].tolist()
        state.run("state/settle_sent", operation_ids=ids, tickets=tickets)


def set_apart(sync: Sync, isolation: Isolation) -> None:
    """Write down, as tried again later, what fails for one record while others are answered."""
    told = isolation.told_from_weather()
    if not told:
        return
    with writing(sync) as state:
        for each in told:
            ids = arrays.text_of(each.rows["operation_id"])
            state.run("state/settle_isolated", operation_ids=ids, reason=each.error.reason, sent_at=each.sent_at)
    log.warning("%d records are tried again later, for their own calls fail", len(told))


def collect(sync: Sync, isolation: Isolation) -> None:
    """Settle what the provider has finished by now, but for those whose own calls fail. A QuotaExhaustedError where the
    rest can only be asked about when the provider's next day of calls begins; it goes on there meanwhile."""
    out_of_calls: QuotaExhaustedError | None = None
    with sync.state.transaction() as state:
        under_way = state.frame("state/to_collect", run_id=sync.run.run_id)
    for ticket, batch in under_way.groupby("ticket", sort=True):
        try:
            answer = _collected(sync, str(ticket), batch.reset_index(drop=True), isolation)
        except QuotaExhaustedError as error:
            out_of_calls = out_of_calls or error
            continue
        if answer is None:
            continue
        with writing(sync) as state:
            settle(state, answer, None, of_lists=bool(batch["subject"].eq("").any()))
        log.info("the work of ticket %s is done: %d settled", ticket, len(answer))
    if out_of_calls is not None:
        note_rest(sync, out_of_calls)
        raise out_of_calls
    set_apart(sync, isolation)
    for suspect in isolation.suspects:
        raise suspect.error


def _collected(sync: Sync, ticket: str, batch: pd.DataFrame, isolation: Isolation) -> pd.DataFrame | None:
    """The outcomes of a ticket; None where its work goes on, or fails for each whom it is about."""
    while len(batch) and not isolation.is_down:
        try:
            answer = sync.client.collect(ticket, batch)
        except QuotaExhaustedError:
            raise
        except (TransientError, ContractError) as error:
            is_named = batch["subject"].isin(error.about)
            if not is_named.any():
                raise
            isolation.suspect(batch[is_named], None, error)
            batch = batch[~is_named].reset_index(drop=True)
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
    ids = [int(each) for batch in batches for each in batch.rows["operation_id"]]
    with sync.state.transaction() as state:
        state.run("state/leave_in_doubt", operation_ids=ids)
