"""Sends the plan, phase by phase, and records each answer as it comes, so that a killed load loses nothing."""

from __future__ import annotations

import itertools
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sync.errors import (
    ConfigError,
    ContractError,
    CrmSyncError,
    QuotaExhaustedError,
    SupersededError,
    TransientError,
)
from crm_sync.ledger.store import require_newest
from crm_sync.model import MEMBERSHIP_VERBS, MEMBERSHIPS, PHASES, RunState
from crm_sync.pipeline import change_log, fields, outcomes, settling
from crm_sync.pipeline.batches import AFTER_SUBSCRIBERS, planned
from crm_sync.pipeline.context import RunContext, begin_stage, counts_of, end_stage, is_settled, log, writing
from crm_sync.pipeline.isolation import Batch, Isolation
from crm_sync.pipeline.polling import OptOutPoller
from crm_sync.pipeline.premises import require_account_of_load
from crm_sync.pipeline.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_sync.ledger.database import Transaction
    from crm_sync.operations import Operation, Outcome

    Answers = list[Outcome]

_LONGEST_HELD_SECONDS = 0.05  # that an answer waits for others to be written down with
_LIST_PHASES = ("delete_list", "rename_list", "create_list")  # few, and names are only free in order


class _ProviderDownError(Exception):
    """The provider is down: the rest is left to the next try."""


@dataclass
class _Load:
    """One load: its poller, how many operations of each verb are planned, and what went wrong."""

    poller: OptOutPoller
    isolation: Isolation
    planned: dict[str, int] = field(default_factory=dict)
    quota: QuotaExhaustedError | None = None

    def total(self, phase: str) -> int:
        """How many operations a phase has as planned, including those that its calls carry."""
        return sum(self.planned.get(verb, 0) for verb in PHASES[phase])


def load(ctx: RunContext) -> dict[str, int]:
    """Send every pending operation of the run; counts by outcome.

    A batch that fails for now is divided until the records that it fails for stand alone; these are deferred, and the
    others go on. Where the provider is down, the rest stays pending: a TransientError at the end makes Airflow try
    again, which takes up what is left. A ConfigError stops at once, also where the run has no plan; a ContractError
    does, unless it follows one record. An UnderWayError where a phase was handed over and the provider is still at work
    on it: the load is to be run again then. Where the day's calls are used up, what can wait is deferred, and the run
    says so; a QuotaExhaustedError where what was handed over cannot even be asked about before the next day: the load
    is to be run again then, too.
    """
    if is_settled(ctx):
        return {}
    if ctx.run.state not in {RunState.PLANNED, RunState.RECORDED}:
        raise ConfigError("the run has no plan that it may send; clear the whole run")
    change_log.require_same_crm(ctx)
    with writing(ctx) as state:
        begin_stage(ctx, state, "load")
        has_work = state.value("load/may_have_sent", run_id=ctx.run.run_id)
        began_at = state.value("session/moment")
    this = _Load(OptOutPoller(ctx, began_at), Isolation(ctx.provider.isolating_calls))
    with _within_the_day(this):
        if has_work:
            require_account_of_load(ctx)
            fields.prepare(ctx)
            this.poller.listen()
    outcomes.collect(ctx, this.isolation)
    _count_planned(ctx, this)
    with suppress(_ProviderDownError), _within_the_day(this):
        for phase in ctx.provider.phases if this.quota is None else ():
            _send_phase(ctx, phase, this)
        if has_work:
            this.poller.may_have_missed = True
            this.poller.listen()
    return _ended(ctx, this)


@contextmanager
def _within_the_day(this: _Load) -> Iterator[None]:
    """If a poll uses up the day's calls, nothing more is sent, since it is unknown who has left."""
    try:
        yield
    except QuotaExhaustedError as error:
        this.quota = error


def _count_planned(ctx: RunContext, this: _Load) -> None:
    with ctx.state.transaction() as reading:
        this.planned = {row.verb: row.operations for row in reading.rows("load/to_send", run_id=ctx.run.run_id)}


def _send_phase(ctx: RunContext, phase: str, this: _Load) -> None:
    if _prepare(ctx, phase):
        _count_planned(ctx, this)
    if not this.total(phase):
        return
    this.poller.listen_before(phase)
    this.isolation.begin_phase()
    _load_phase(ctx, phase, this)
    this.poller.may_have_missed = True
    outcomes.set_apart(ctx, this.isolation)
    outcomes.await_jobs(ctx)
    if phase == "change_address" and _replace_refused_moves(ctx):
        _count_planned(ctx, this)


def _prepare(ctx: RunContext, phase: str) -> bool:
    """Settle or plan what follows from the phases before. Returns whether the plan has changed."""
    changed = 0
    if ctx.provider.shares_calls and phase == "enroll":
        with writing(ctx) as state:
            changed += state.run("load/leave_lists_out", run_id=ctx.run.run_id, provider=ctx.provider.name)
    if phase in AFTER_SUBSCRIBERS:
        with writing(ctx) as state:
            state.run("load/defer_dependants", run_id=ctx.run.run_id)
            changed += state.run("load/keep_refused_moves", run_id=ctx.run.run_id)
            state.run("load/refuse_dependants", run_id=ctx.run.run_id, provider=ctx.provider.name)
    return changed > 0


def _load_phase(ctx: RunContext, phase: str, this: _Load) -> None:
    """Keep as many calls under way as the provider allows, and settle a few together as they are answered."""
    calls_at_once = 1 if phase in _LIST_PHASES else ctx.provider.concurrency
    with ThreadPoolExecutor(calls_at_once) as pool, ctx.state.transaction() as reading:
        batches = _batches(ctx, reading, phase, this.poller)
        progress = Progress(phase, this.total(phase))
        under_way: dict[Future[Answers], Batch] = {}
        answered: list[tuple[Batch, Future[Answers]]] = []
        try:
            while _begin_calls(ctx, pool, under_way, _to_send(this.isolation, batches), calls_at_once):
                seconds = _LONGEST_HELD_SECONDS if answered else None
                done = wait(under_way, seconds, return_when=FIRST_COMPLETED).done
                answered += [(under_way.pop(each), each) for each in done]
                if len(answered) > calls_at_once // 4 or not done or not under_way:
                    _settle(ctx, progress, answered, this)
                    answered = []
            _require_it_is_up(this.isolation)
        except BaseException as error:
            pool.shutdown(wait=True, cancel_futures=True)
            if isinstance(error, SupersededError):
                outcomes.leave_in_doubt(ctx, [*under_way.values(), *(batch for batch, _ in answered)])
            raise
        progress.say(is_over=True)


def _require_it_is_up(isolation: Isolation) -> None:
    if isolation.is_down:
        raise _ProviderDownError


def _begin_calls(
    ctx: RunContext,
    pool: ThreadPoolExecutor,
    under_way: dict[Future[Answers], Batch],
    batches: Iterator[Batch],
    calls_at_once: int,
) -> bool:
    """Begin as many calls as allowed; returns whether any is under way. Raises a SupersededError if another run has
    begun meanwhile."""
    with ctx.state.transaction(is_brief=True) as state:
        require_newest(state, ctx.run)
    for batch in itertools.islice(batches, calls_at_once - len(under_way)):
        under_way[_send(ctx, pool, batch.operations)] = batch
    return bool(under_way)


def _to_send(isolation: Isolation, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches to send: parts of divided ones first, and none once the provider is down."""
    while not isolation.is_down and (batch := isolation.next_part() or next(batches, None)) is not None:
        yield batch


def _batches(ctx: RunContext, reading: Transaction, phase: str, poller: OptOutPoller) -> Iterator[Batch]:
    """The batches of a phase. Several are recorded together as begun, before the first of them is sent."""
    sent = 0
    for together in planned(ctx, reading, phase):
        for part in poller.heeding(together, sent):
            with writing(ctx, is_brief=True) as state:
                begun = settling.begin(state, ctx.run, part)
            yield from begun
            sent += len(part)


def _send(ctx: RunContext, pool: ThreadPoolExecutor, batch: list[Operation]) -> Future[Answers]:
    # Memberships in the batch of another verb ride on its call.
    own = {each.verb for each in batch} - set(MEMBERSHIP_VERBS)
    name = own.pop() if own else MEMBERSHIPS
    return pool.submit(ctx.client.verbs[name], batch)


def _settle(ctx: RunContext, progress: Progress, done: list[tuple[Batch, Future[Answers]]], this: _Load) -> None:
    """Record all answers so far in one transaction, and only then raise what went wrong."""
    answered: list[tuple[Batch, Answers]] = []
    failure: CrmSyncError | None = None
    for batch, call in done:
        try:
            answer = _answer(batch, call, this)
        except CrmSyncError as error:
            failure = failure or error
        else:
            answered += [(batch, answer)] if answer is not None else []
    if answered:
        with writing(ctx, is_brief=True) as state:
            settling.settle(state, ctx.run, answered)
        for _, answer in answered:
            progress.add(answer)
        progress.say()
    if failure is not None:
        raise failure


def _answer(batch: Batch, call: Future[Answers], this: _Load) -> Answers | None:
    """The outcomes of one call; None if its batch is divided or left for the next try."""
    try:
        answer = call.result()
    except QuotaExhaustedError as error:
        this.quota = error
        return None
    except (TransientError, ContractError) as error:
        if batch.is_of_lists and isinstance(error, ContractError):
            raise
        this.isolation.failed(batch, error)
        return None
    outcomes.verify(batch.operations, answer)
    this.isolation.succeeded(batch)
    return None if batch.is_control else answer


def _replace_refused_moves(ctx: RunContext) -> bool:
    """If a provider refuses to move records, plan to enroll the new address and archive the old one. Returns whether
    anything was planned."""
    whose = {"run_id": ctx.run.run_id, "reasons": list(ctx.provider.replaces_when)}
    if not whose["reasons"]:
        return False
    with writing(ctx) as state:
        if state.row("load/refused_moves", **whose) is None:
            return False
        from crm_sync.pipeline import diff  # loads pandas, as no other load does

        instead = diff.replacements(state.frame("load/refused_moves", **whose))
        state.write("crm_sync.planned_operation", instead.assign(run_id=ctx.run.run_id, provider=ctx.provider.name))
        return True


def _ended(ctx: RunContext, this: _Load) -> dict[str, int]:
    isolation = this.isolation
    if this.quota is not None:
        outcomes.note_rest(ctx, this.quota)
    with writing(ctx) as state:
        if this.quota is not None and not isolation.last:
            deferred = state.run("load/defer_for_quota", run_id=ctx.run.run_id)
            notice = f"{deferred} operations wait for tomorrow's calls: {this.quota}"
            state.run("runs/add_notice", run_id=ctx.run.run_id, notice=notice)
            log.warning(notice)
        counts = counts_of(ctx, state)
        left = counts["unsettled"]
        if not left:
            end_stage(ctx, state, "load")
    if left:
        raise isolation.why_left(left)
    return counts
