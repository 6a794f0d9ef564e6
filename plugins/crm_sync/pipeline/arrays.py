"""Sets of ids as PostgreSQL array text ("{1,2}", sorted), so that a million of them compare and move
as plain strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY = "{}"


def members(arrays: pd.Series) -> pd.Series:
    """One row for each id of each array, under the index of its array; empty arrays have none. int64."""
    filled = arrays[arrays != EMPTY]
    return filled.str[1:-1].str.split(",").explode().astype("int64")


def union(arrays: pd.Series, groups: pd.Series) -> pd.Series:
    """The sorted union of the arrays of each group, by group."""
    ids = members(arrays)
    pairs = pd.DataFrame({"group": groups.loc[ids.index].to_numpy(), "id": ids.to_numpy()}).drop_duplicates()
    pairs = pairs.sort_values(["group", "id"])
    text = pairs["id"].astype(str).groupby(pairs["group"]).agg(",".join)
    return ("{" + text + "}").reindex(groups.unique(), fill_value=EMPTY)


def difference(left: pd.Series, right: pd.Series) -> pd.Series:
    """For each row the ids of ``left`` that ``right`` lacks: one row each, under the row's index."""
    differs = left != right
    mine, others = members(left[differs]), members(right[differs])
    pairs = pd.MultiIndex.from_arrays([mine.index, mine.to_numpy()])
    taken = pd.MultiIndex.from_arrays([others.index, others.to_numpy()])
    return mine[~pairs.isin(taken)]


def without(left: pd.Series, right: pd.Series) -> pd.Series:
    """Each array of ``left`` without the ids of ``right``."""
    answer = left.where(left != right, EMPTY)
    both = (answer != EMPTY) & (right != EMPTY)
    if both.any():
        pairs = pd.DataFrame({"left": left[both], "right": right[both]})
        # People are many, and different pairs of sets are few.
        different = pairs.drop_duplicates()
        rest = [_rest(*pair) for pair in different.itertuples(index=False, name=None)]
        answer.loc[both] = pairs.merge(different.assign(rest=rest), how="left")["rest"].to_numpy()
    return answer


def _rest(left: str, right: str) -> str:
    taken = set(right[1:-1].split(","))
    return array(each for each in left[1:-1].split(",") if each not in taken)


def together(left: pd.Series, right: pd.Series) -> pd.Series:
    """The ids of both, which share none, in one array each."""
    joined = left.str[:-1] + "," + right.str[1:]
    return joined.where((left != EMPTY) & (right != EMPTY), left.where(left != EMPTY, right))


def ids(text: str) -> list[int]:
    """The ids of one array; none of ""."""
    return [int(each) for each in text.strip("{}").split(",") if each]


def sorted_union(left: pd.Series, right: pd.Series) -> pd.Series:
    """The ids of both, each once, sorted."""
    answer = left.where(left != EMPTY, right)
    both = (left != EMPTY) & (right != EMPTY) & (left != right)
    for index in left.index[both]:
        ids = {*left[index][1:-1].split(","), *right[index][1:-1].split(",")}
        answer[index] = array(sorted(map(int, ids)))
    return answer


def array(ids: Iterable[object]) -> str:
    """Ids as one array."""
    return "{" + ",".join(map(str, ids)) + "}"
