"""No call is ever split, and no operation is lost, however the stream is cut; no more is read than is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.pipeline.batches import Planned, whole_batches


def planned(numbers: list[int]) -> list[Planned]:
    return [Planned(place, batch=number) for place, number in enumerate(sorted(numbers))]


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), max_size=30), st.integers(1, 7), st.integers(1, 9))
def test_whole_batches(numbers: list[int], size: int, most: int) -> None:
    operations = planned(numbers)
    pieces = [operations[start : start + size] for start in range(0, len(operations), size)]
    found = list(whole_batches(pieces, most))
    batches = [batch for together in found for batch in together]
    assert [each for batch in batches for each in batch] == operations
    assert len(batches) == len(set(numbers)), "a batch for each number, whole"
    for together in found:
        assert sum(map(len, together[:-1])) < most
    for together in found[:-1]:
        assert sum(map(len, together)) >= most


def test_no_more_is_read_than_is_asked_for() -> None:
    read = []

    def pieces() -> Iterator[list[Planned]]:
        for number in range(9):
            read.append(number)
            yield [Planned(number, batch=number)]

    assert len(next(whole_batches(pieces(), 3))) == 3
    assert len(read) <= 4
