"""Operations as they are planned to be sent: which of them share a call, and how many calls are begun together."""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.model import MEMBERSHIPS, PHASES, Verb
from crm_sync.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext


# The phases that skip people whose own call is still to be made.
AFTER_SUBSCRIBERS = (MEMBERSHIPS, "archive")
# What is read, and said to be sent, at once: so many batches, and within these bounds, for a batch may be one, or many.
_BATCHES_AT_ONCE = 16
_FEWEST_AT_ONCE, _MOST_AT_ONCE = 1_000, 10_000  # operations

_JOINS, _LEAVES = Verb.ADD_TO_LIST.value, Verb.REMOVE_FROM_LIST.value
_decode = msgspec.json.Decoder(list[Any]).decode


class Planned(Operation, frozen=True):
    """An operation, and the number of the call it belongs to."""

    batch: int = 0


class MembershipCall(msgspec.Struct):
    """A call that changes who is in one list; the people as JSON arrays, in one order. ``tries``: of a person who is
    alone in it."""

    list_id: int
    remote_list_id: str
    operation_ids: str
    joins: str
    subscriber_keys: str
    addresses: str
    remote_ids: str
    tries: int = 0

    def operations(self) -> list[Operation]:
        """What it asks, one for each of its people."""
        columns = (self.operation_ids, self.joins, self.subscriber_keys, self.addresses, self.remote_ids)
        return [
            Operation(
                operation_id,
                _JOINS if joins else _LEAVES,
                subscriber_key,
                address,
                list_id=self.list_id,
                remote_id=remote_id,
                remote_list_id=self.remote_list_id,
                tries=self.tries,
            )
            for operation_id, joins, subscriber_key, address, remote_id in zip(*map(_decode, columns), strict=True)
        ]


def whole_batches(pieces: Iterable[list[Planned]], most: int) -> Iterator[list[list[Operation]]]:
    """The batches of ``pieces``, which come in their order: as many together as have ``most`` operations, or more by a
    part of the last batch, since none is ever split."""
    together: list[list[Operation]] = []
    size = 0
    operations = itertools.chain.from_iterable(pieces)
    for _, batch in itertools.groupby(operations, key=operator.attrgetter("batch")):
        together.append(list(batch))
        size += len(together[-1])
        if size >= most:
            yield together
            together, size = [], 0
    if together:
        yield together


def planned(ctx: RunContext, reading: Transaction, phase: str) -> Iterator[list[list[Operation]]]:
    """The operations of each batch, several batches at once."""
    size = ctx.provider.batch_size(phase)
    key = {
        "run_id": ctx.run.run_id,
        "provider": ctx.provider.name,
        "batch_size": size,
        "waits_for_subscriber": phase in AFTER_SUBSCRIBERS,
    }
    if phase == MEMBERSHIPS and not ctx.provider.shares_calls:
        for calls in reading.records("load/to_load_memberships", MembershipCall, _BATCHES_AT_ONCE, **key):
            yield [call.operations() for call in calls]
        return
    at_once = min(max(size * _BATCHES_AT_ONCE, _FEWEST_AT_ONCE), _MOST_AT_ONCE)
    name = "load/to_load_together" if ctx.provider.shares_calls else "load/to_load"
    yield from whole_batches(
        reading.records(
            name,
            Planned,
            at_once,
            **key,
            verbs=[verb.value for verb in PHASES[phase]],
            keeps_record=ctx.provider.keeps_record,
        ),
        at_once,
    )
