"""Who shares a call is decided by counting calls."""

from __future__ import annotations

import itertools

import pandas as pd

from crm_sync.pipeline.bundling import bundled


def sets(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "lists", "people"])


def places(frame: pd.DataFrame, per_call: int = 500) -> dict[tuple[str, str], tuple[str, str]]:
    answer = bundled(frame, 40_000, per_call)
    columns = (answer[each].tolist() for each in ("kind", "lists", "carried", "bundle"))
    return {(kind, lists): (carried, bundle) for kind, lists, carried, bundle in zip(*columns, strict=True)}


def ids(text: str) -> set[str]:
    return set(text[1:-1].split(","))


def test_a_few_large_sets_are_enrolled_each_with_its_lists() -> None:
    frame = sets(*(("enroll", f"{{{n},{n + 1}}}", 1000) for n in range(1, 11)))
    assert len(answer := places(frame)) == 10
    assert all(carried == lists and not bundle for (_, lists), (carried, bundle) in answer.items())


def test_many_small_sets_are_enrolled_by_one_list_and_join_the_others_list_by_list() -> None:
    pairs = list(itertools.combinations(range(1, 21), 2))
    answer = places(sets(*(("enroll", f"{{{a},{b}}}", 1) for a, b in pairs)))
    assert len(answer) == len(pairs) == 190
    enrolments = {carried for carried, _ in answer.values()}
    joined = {bundle or each for (_, lists), (carried, bundle) in answer.items() for each in ids(lists) - ids(carried)}
    assert len(enrolments) + len(joined) <= 2 * 20, "with a call for each set it would be 190"


def test_one_large_set_among_small_ones_has_calls_of_its_own() -> None:
    small = [("add", f"{{{a},{b}}}", 1) for a, b in itertools.combinations(range(1, 9), 2)]
    answer = places(sets(("add", "{1,2,3,4,5,6,7,8}", 5000), *small))
    assert answer[("add", "{1,2,3,4,5,6,7,8}")] == ("{}", "{1,2,3,4,5,6,7,8}")
    assert {answer[("add", lists)][1] for _, lists, _ in small} == {""}


def test_people_who_leave_are_counted_apart_from_those_who_join() -> None:
    answer = places(sets(("remove", "{1,2}", 400), ("add", "{1}", 10)))
    assert answer == {("remove", "{1,2}"): ("{}", "{1,2}"), ("add", "{1}"): ("{}", "{1}")}


def test_nothing_to_place_is_nothing() -> None:
    assert bundled(sets(), 40_000, 500).empty
