"""Polls for opt-outs while a run is sent: at the start, before a phase that would overwrite or hide an opt-out, again
and again while such a phase lasts, and at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sync.model import PHASES, Verb
from crm_sync.pipeline.opt_outs import listen_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crm_sync.operations import Operation
    from crm_sync.pipeline.context import RunContext

    Operations = list[Operation]
    Key = tuple[int, str, int]

_HIDES_OPT_OUTS = frozenset({Verb.SUPPRESS, Verb.CHANGE_ADDRESS, Verb.ENABLE, Verb.ARCHIVE})
# While a phase lasts: after an eighth more of its calls, so that a long one costs few polls; or after so many, which
# take half a minute or so, eight at once.
_SHARE, _MOST_CALLS = 8, 256


@dataclass
class OptOutPoller:
    """Not again while nothing was sent. ``began_at``: when the load began, by the state database; ``dropped``:
    operations that may have been read to be sent, and are not any more."""

    ctx: RunContext
    began_at: datetime
    may_have_missed: bool = True
    dropped: set[Key] = field(default_factory=set)
    _hides: bool = False

    def listen(self, *, calls_are_under_way: bool = False) -> None:
        """Poll, unless nothing that matters can have been missed. Calls that this load has begun go on."""
        if self.ctx.provider.hears_opt_outs and self.may_have_missed:
            self.dropped |= listen_again(self.ctx, self.began_at if calls_are_under_way else None)
        self.may_have_missed = False

    def listen_before(self, phase: str) -> None:
        """Poll if the phase has something to send that must not reach a person who has left."""
        verbs = [verb.value for verb in PHASES[phase] if verb in _HIDES_OPT_OUTS]
        with self.ctx.state.transaction() as state:
            hides = bool(verbs) and state.value("opt_outs/hides_opt_outs", run_id=self.ctx.run.run_id, verbs=verbs)
        self._hides = bool(hides)
        if hides:
            self.listen()

    def heeding(self, batches: list[Operations], sent: int) -> Iterator[list[Operations]]:
        """``batches`` in parts, each without the people found to have left before its turn. ``sent``: how many batches
        the phase has sent before."""
        while batches:
            if sent and self._hides:
                self.may_have_missed = True
                self.listen(calls_are_under_way=True)
            part, batches = self._part(batches, sent)
            sent += len(part)
            if heeded := [batch for each in part if (batch := self._left_of(each))]:
                yield heeded

    def _part(self, batches: list[Operations], sent: int) -> tuple[list[Operations], list[Operations]]:
        size = max(self.ctx.provider.concurrency, min(sent // _SHARE, _MOST_CALLS)) if self._hides else len(batches)
        return batches[:size], batches[size:]

    def _left_of(self, batch: Operations) -> Operations:
        return [each for each in batch if each.key not in self.dropped] if self.dropped else batch
