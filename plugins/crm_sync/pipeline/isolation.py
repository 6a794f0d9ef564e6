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
from crm_sync.pipeline.sync import log

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

FAILURES_IN_A_ROW = 5  # of what can be divided no more: then the provider is down
_FAILURES_THAT_MAKE_DOUBT = 3
CALLS_PER_BATCH = 64  # that its parts may cost

Failure = TransientError | ContractError


@dataclass
class Case:
    """A planned batch whose parts are looked for; ``calls`` that they have cost."""

    calls: int = 0


@dataclass(frozen=True)
class Batch:
    """The operations of one call, and when they were said to be sent.

    ``case``: what it is a part of. ``rest``: what waits for the answer to this one; ``rest_fails``: whether that is
    known to fail as a whole. ``is_control``: it was answered before, and is sent again to see whether it still is.
    """

    rows: pd.DataFrame
    sent_at: datetime
    case: Case | None = None
    rest: pd.DataFrame | None = None
    rest_fails: bool = False
    is_control: bool = False

    @property
    def people(self) -> list[str]:
        """Whom it is about, in order. All operations of a person stay together; an operation without one, of a list,
        stands for itself."""
        return list(dict.fromkeys(_whose(self.rows).tolist()))

    @property
    def is_of_lists(self) -> bool:
        """Whether it makes, renames or deletes lists."""
        return bool((self.rows["subject"].fillna("") == "").any())


@dataclass
class Suspect:
    """What failed alone: a person's operations in one phase."""

    rows: pd.DataFrame
    sent_at: datetime | None
    error: Failure

    @property
    def is_known(self) -> bool:
        """Whether it was told from the weather before."""
        return bool((self.rows.reindex(columns=["tries"], fill_value=0)["tries"].fillna(0) > 0).all())


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
    _control: Batch | None = None
    _asks: bool = False

    def begin_phase(self) -> None:
        """What was answered in one phase says nothing of the next."""
        self.in_a_row, self._control = 0, None

    @property
    def is_down(self) -> bool:
        """Whether nothing gets through any more."""
        return self.in_a_row >= FAILURES_IN_A_ROW and not self._asks

    def next_part(self) -> Batch | None:
        """A part that is to be sent before the next planned batch; None where nothing is divided."""
        return self._parts.popleft() if self._parts else None

    def told_from_weather(self) -> list[Suspect]:
        """Those failures that follow a record, since others were answered, or since they did before; each once."""
        if self.is_down:
            return []
        told = [each for each in self.suspects if self.answered or each.is_known]
        self.suspects = [each for each in self.suspects if not (self.answered or each.is_known)]
        return told

    def why_left(self, operations: int) -> Failure:
        """The error of a load that leaves so many operations to the next try."""
        for each in self.suspects:
            if isinstance(each.error, ContractError):
                return each.error
        return TransientError(
            f"{operations} operations are left, {self.failed_batches} batches failed; the last said: {self.last}"
        )

    def succeeded(self, batch: Batch) -> None:
        """A batch was answered, whatever became of it: the provider is up."""
        self.in_a_row = 0
        if batch.is_control:
            self._asks = False
            return
        self.answered += 1
        self._control = Batch(batch.rows[_whose(batch.rows) == batch.people[0]], batch.sent_at, is_control=True)
        if batch.rest is not None:
            rest = replace(batch, rows=batch.rest, rest=None)
            self._send(*(_halves(rest) if batch.rest_fails and len(rest.people) > 1 else [rest]))

    def failed(self, batch: Batch, error: Failure) -> None:
        """A batch was not answered. Whatever is known of its parts afterwards stands in ``suspects``."""
        self.last = str(error)
        if batch.is_control:
            self._asks = False
            return
        self.failed_batches += batch.case is None
        log.warning("a call with %d operations fails: %s", len(batch.rows), error)
        batch = replace(batch, case=batch.case or Case())
        named = [person for person in batch.people if person in error.about]
        if len(batch.people) == 1 or named:
            self._suspect(batch, named or batch.people, error)
            self._go_on(batch, _without(batch.rows, named or batch.people))
        elif batch.case is not None and batch.case.calls and not self.in_a_row:
            self._send(*_halves(batch))
        else:
            self._probe(batch, batch.rows, fails=True)

    def _go_on(self, batch: Batch, others: pd.DataFrame) -> None:
        """With ``others``, of whom nothing bad is known, together, unless the provider may be down."""
        if len(others) and batch.rest is None and self.in_a_row < _FAILURES_THAT_MAKE_DOUBT:
            self._send(replace(batch, rows=others))
        else:
            self._probe(batch, others, fails=False)

    def _suspect(self, batch: Batch, people: list[str], error: Failure) -> None:
        self.suspect(batch.rows[_whose(batch.rows).isin(people)], batch.sent_at, error)

    def suspect(self, rows: pd.DataFrame, sent_at: datetime | None, error: Failure) -> None:
        """What fails for one person alone. ``sent_at``: when it was said to be sent, None where that is known."""
        suspect = Suspect(rows, sent_at, error)
        self.suspects.append(suspect)
        self.in_a_row += not suspect.is_known
        if self.in_a_row >= FAILURES_IN_A_ROW and self._control is not None and not self._asks:
            self._asks = True
            self._parts.appendleft(self._control)

    def _probe(self, batch: Batch, rows: pd.DataFrame, *, fails: bool) -> None:
        """One person alone, then those of ``rows`` who are left, and whatever waited for the batch."""
        if batch.rest is not None:
            rows, fails = batch.rest, batch.rest_fails
        if rows.empty:
            return
        first = _whose(rows).iloc[0]
        is_first = _whose(rows) == first
        rest = rows[~is_first]
        part = replace(batch, rows=rows[is_first], rest=rest if len(rest) else None, rest_fails=fails)
        self._send(part)

    def _send(self, *parts: Batch) -> None:
        for part in reversed(parts):
            if part.case is None or part.case.calls >= CALLS_PER_BATCH or self.calls >= self.most_calls:
                log.warning("a part of %d is left for the next try: enough calls were spent", len(part.rows))
                continue
            part.case.calls += 1
            self.calls += 1
            self._parts.appendleft(part)


def _whose(rows: pd.DataFrame) -> pd.Series:
    return rows["subject"].where(rows["subject"].fillna("") != "", rows["operation_id"].astype(str))


def _without(rows: pd.DataFrame, people: list[str]) -> pd.DataFrame:
    return rows[~_whose(rows).isin(people)]


def _halves(batch: Batch) -> list[Batch]:
    people = batch.people
    is_first = _whose(batch.rows).isin(people[: len(people) // 2])
    return [replace(batch, rows=batch.rows[half], rest=None, rest_fails=False) for half in (is_first, ~is_first)]
