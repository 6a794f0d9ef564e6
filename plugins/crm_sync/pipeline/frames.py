"""Frames of a stream cut where a group ends, so that memory is bounded by the batch and no group is ever split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_groups(frames: Iterable[pd.DataFrame], by: str) -> Iterator[pd.DataFrame]:
    """The rows of ``frames``, ordered by ``by``, in frames that hold all rows of each group they hold."""
    rest: pd.DataFrame | None = None
    for frame in frames:
        joined = frame if rest is None else pd.concat([rest, frame], ignore_index=True)
        is_last = joined[by] == joined[by].iloc[-1]
        if not is_last.all():
            yield joined[~is_last].reset_index(drop=True)
        rest = joined[is_last]
    if rest is not None and len(rest):
        yield rest.reset_index(drop=True)
