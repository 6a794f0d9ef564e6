"""No group is ever split, and no row is lost, however the stream is cut."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.pipeline.frames import whole_groups


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), max_size=30), st.integers(1, 7))
def test_whole_groups(keys: list[int], size: int) -> None:
    rows = pd.DataFrame({"group": sorted(keys), "row": range(len(keys))})
    pieces = [rows.iloc[start : start + size] for start in range(0, len(rows), size)]
    frames = list(whole_groups(pieces, by="group"))
    assert all(len(frame) for frame in frames)
    assert [row for frame in frames for row in frame["row"]] == list(range(len(keys)))
    seen: set[int] = set()
    for frame in frames:
        assert not seen & set(frame["group"])
        seen |= set(frame["group"])
        assert frame.index.tolist() == list(range(len(frame)))


def test_memory_is_bounded_where_groups_are_small() -> None:
    pieces = [pd.DataFrame({"group": [2 * n, 2 * n + 1]}) for n in range(5)]
    assert [len(frame) for frame in whole_groups(iter(pieces), by="group")] == [1, 2, 2, 2, 2, 1]
