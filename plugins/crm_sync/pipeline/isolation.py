"""Tells one record from the weather: a batch that fails for now is divided until what fails stands alone.

A batch that failed is followed by one person of it alone. Where that is answered, the provider is up, and the rest is
halved; where it is not, the next person is tried. Singles that fail one after the other, with nothing answered in
between, mean that the provider is down; where something was answered before, it is asked once more, as every verb may
be repeated, and tells. A client that knows whose call failed says so (``errors.about``), and spares
the halving.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, TransientError
from crm_sync.pipeline.context import log

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from crm_sync.operations import Operation

    Operations = list[Operation]

FAILURES_IN_A_ROW = 5  # of what can be divided no more: then the provider is down
_FAILURES_THAT_MAKE_DOUBT = 3
CALLS_PER_BATCH = 64  # that its parts may cost

Failure = TransientError | ContractError


@dataclass
class Case:
    """A planned batch that is being divided. ``calls``: how many its parts have cost."""

    calls: int = 0


@dataclass(frozen=True)
class Batch:
    """The operations of one call, and when they were said to be sent (None: the ledger
    knows). ``call_id``: the row of the call that they are
    the whole of; None for a part.

    ``case``: what it is a part of. ``rest``: what waits for the answer to this one; ``rest_fails``: whether that is
    known to fail as a whole. ``is_control``: it was answered before, and is sent again to see whether it still is.
    """

    operations: Operations
    sent_at: datetime | None
    call_id: int | None = None
    case: Case | None = None
    rest: Operations | None = None
    rest_fails: bool = False
    is_control: bool = False

    @property
    def people(self) -> list[str]:
        """The people it is about, in order. All operations of a person stay together; an operation without one, of a
        list, stands for itself."""
        return list(dict.fromkeys(map(_whose, self.operations)))

    @property
    def is_of_lists(self) -> bool:
        """Whether it makes, renames or deletes lists."""
        return any(not each.subscriber_key for each in self.operations)


@dataclass
class Suspect:
    """Operations that failed by themselves: those of one person in one phase."""

    operations: Operations
    sent_at: datetime | None
    error: Failure

    @property
    def is_known(self) -> bool:
        """Whether it was recognized as failing by itself before."""
        return all(each.tries > 0 for each in self.operations)


@dataclass
class Isolation:
    """The failures of one load. ``most_calls``: how many calls it may spend on dividing batches."""

    most_calls: int
    calls: int = 0
    in_a_row: int = 0
    answered: int = 0
    failed_batches: int = 0
    last: str = ""
    suspects: list[Suspect] = field(default_factory=list)
    _parts: deque[Batch] = field(default_factory=deque)
    _last_answered: Batch | None = None
    _asks: bool = False

    def begin_phase(self) -> None:
        """Start over: the answers of one phase say nothing about the next."""
        self.in_a_row, self._last_answered = 0, None

    @property
    def is_down(self) -> bool:
        """Whether the provider is considered down."""
        return self.in_a_row >= FAILURES_IN_A_ROW and not self._asks

    def next_part(self) -> Batch | None:
        """The next part of a divided batch, to be sent before the next planned batch; None if there is none."""
        return self._parts.popleft() if self._parts else None

    def told_from_weather(self) -> list[Suspect]:
        """The failures that a record causes, because calls for others succeeded or because the record failed before;
        each is returned once."""
        if self.is_down:
            return []
        told = [each for each in self.suspects if self.answered or each.is_known]
        self.suspects = [each for each in self.suspects if not (self.answered or each.is_known)]
        return told

    def why_left(self, operations: int) -> Failure:
        """The error of a load that leaves ``operations`` to the next try."""
        for each in self.suspects:
            if isinstance(each.error, ContractError):
                return each.error
        return TransientError(
            f"{operations} operations are left because {self.failed_batches} batches failed; the last error was:"
            f" {self.last}"
        )

    def succeeded(self, batch: Batch) -> None:
        """Note that a batch got an answer, whatever its outcomes: the provider is up."""
        self.in_a_row = 0
        if batch.is_control:
            self._asks = False
            return
        self.answered += 1
        self._last_answered = batch
        if batch.rest is not None:
            rest = replace(batch, operations=batch.rest, rest=None)
            self._send(*(_halves(rest) if batch.rest_fails and len(rest.people) > 1 else [rest]))

    def failed(self, batch: Batch, error: Failure) -> None:
        """A batch was not answered. Whatever is known of its parts afterwards stands in ``suspects``."""
        self.last = str(error)
        if batch.is_control:
            self._asks = False
            return
        self.failed_batches += batch.case is None
        log.warning("a call with %d operations failed: %s", len(batch.operations), error)
        batch = replace(batch, case=batch.case or Case())
        named = [person for person in batch.people if person in error.about]
        if len(batch.people) == 1 or named:
            self._suspect(batch, named or batch.people, error)
            self._go_on(batch, _without(batch.operations, named or batch.people))
        elif batch.case is not None and batch.case.calls and not self.in_a_row:
            self._send(*_halves(batch))
        else:
            self._probe(batch, batch.operations, fails=True)

    def _go_on(self, batch: Batch, others: Operations) -> None:
        """With ``others``, of whom nothing bad is known, together, unless the provider may be down."""
        if others and batch.rest is None and self.in_a_row < _FAILURES_THAT_MAKE_DOUBT:
            self._send(replace(batch, operations=others))
        else:
            self._probe(batch, others, fails=False)

    def _suspect(self, batch: Batch, people: list[str], error: Failure) -> None:
        self.suspect(_of(batch.operations, people), batch.sent_at, error)

    def suspect(self, operations: Operations, sent_at: datetime | None, error: Failure) -> None:
        """What fails for one person alone. ``sent_at``: when it was said to be sent, None where that is known."""
        suspect = Suspect(operations, sent_at, error)
        self.suspects.append(suspect)
        self.in_a_row += not suspect.is_known
        if self.in_a_row >= FAILURES_IN_A_ROW and self._last_answered is not None and not self._asks:
            self._asks = True
            self._parts.appendleft(_control(self._last_answered))

    def _probe(self, batch: Batch, operations: Operations, *, fails: bool) -> None:
        """One person alone, then those of ``operations`` who are left, and whatever waited for the batch."""
        if batch.rest is not None:
            operations, fails = batch.rest, batch.rest_fails
        if not operations:
            return
        first = [_whose(operations[0])]
        rest = _without(operations, first) or None
        self._send(replace(batch, operations=_of(operations, first), rest=rest, rest_fails=fails))

    def _send(self, *parts: Batch) -> None:
        for part in reversed(parts):
            if part.case is None or part.case.calls >= CALLS_PER_BATCH or self.calls >= self.most_calls:
                log.warning(
                    "a part of %d operations is left for the next try: the calls for finding bad records are used up",
                    len(part.operations),
                )
                continue
            part.case.calls += 1
            self.calls += 1
            self._parts.appendleft(replace(part, call_id=None))


def _control(batch: Batch) -> Batch:
    """What was answered before, about the first of its people, to be asked once more."""
    return Batch(_of(batch.operations, batch.people[:1]), batch.sent_at, is_control=True)


def _whose(operation: Operation) -> str:
    return operation.subscriber_key or str(operation.operation_id)


def _of(operations: Iterable[Operation], people: Collection[str]) -> Operations:
    chosen = set(people)
    return [each for each in operations if _whose(each) in chosen]


def _without(operations: Iterable[Operation], people: Collection[str]) -> Operations:
    left_out = set(people)
    return [each for each in operations if _whose(each) not in left_out]


def _halves(batch: Batch) -> list[Batch]:
    people = batch.people
    first = people[: len(people) // 2]
    halves = _of(batch.operations, first), _without(batch.operations, first)
    return [replace(batch, operations=half, rest=None, rest_fails=False) for half in halves]
