"""Operations as they are planned to be sent: which of them share a call, and how many calls are begun together."""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING

from crm_sync.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Planned(Operation, frozen=True):
    """An operation, and the number of the call it belongs to."""

    batch: int = 0


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
