"""Array text behaves as Python's sets do."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.pipeline import arrays

sets = st.frozensets(st.integers(1, 12), max_size=5)


def text(ids: frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


def series(values: list[frozenset[int]]) -> pd.Series:
    return pd.Series([text(ids) for ids in values], index=range(10, 10 + len(values)), dtype="str")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), sets), min_size=1, max_size=8))
def test_union_is_that_of_sets(rows: list[tuple[str, frozenset[int]]]) -> None:
    values = series([ids for _, ids in rows])
    groups = pd.Series([group for group, _ in rows], index=values.index)
    expected: dict[str, frozenset[int]] = {}
    for group, ids in rows:
        expected[group] = expected.get(group, frozenset()) | ids
    assert arrays.union(values, groups).to_dict() == {group: text(ids) for group, ids in expected.items()}


@settings(deadline=None)
@given(st.lists(st.tuples(sets, sets), min_size=1, max_size=8))
def test_difference_and_without_are_those_of_sets(rows: list[tuple[frozenset[int], frozenset[int]]]) -> None:
    left, right = series([a for a, _ in rows]), series([b for _, b in rows])
    found = arrays.difference(left, right)
    pairs = sorted(zip(found.index, found, strict=True))
    assert pairs == sorted((index, each) for index, (a, b) in zip(left.index, rows, strict=True) for each in a - b)
    assert arrays.without(left, right).tolist() == [text(a - b) for a, b in rows]


def test_members_are_whole_numbers_under_the_index_of_their_array() -> None:
    found = arrays.members(pd.Series(["{3,14}", "{}", "{9007199254740993}"], index=[5, 6, 7]))
    assert list(found.items()) == [(5, 3), (5, 14), (7, 9007199254740993)]
    assert arrays.members(pd.Series(["{}"])).empty
