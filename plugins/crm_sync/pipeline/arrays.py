"""Sets of ids as PostgreSQL array text ("{1,2}", sorted), so that a million of them compare and move as plain
strings."""

from __future__ import annotations

import pandas as pd

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
    rest = difference(left, right)
    changed = left != right
    text = rest.sort_values().astype(str).groupby(level=0, sort=False).agg(",".join)
    answer = left.where(~changed, EMPTY)
    answer.loc[text.index] = "{" + text + "}"
    return answer.where(changed | (left == EMPTY), EMPTY)
