"""Frames of a stream cut where a group ends, so that memory is bounded by the batch and no group is ever split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_groups(frames: Iterable[pd.DataFrame], by: str) -> Iterator[pd.DataFrame]:
    """The rows of ``frames``, ordered by ``by``, in frames that hold all rows of each group they hold."""
    rest: pd.DataFrame | None = None
    for frame in frames:
        joined = frame if rest is None else pd.concat([rest, frame], ignore_index=True)
        last = _starts(joined[by])[-1]
        if last:
            yield joined.iloc[:last].reset_index(drop=True)
        rest = joined.iloc[last:]
    if rest is not None and len(rest):
        yield rest.reset_index(drop=True)


def _starts(ordered: pd.Series) -> list[int]:
    """Where each group begins."""
    values = ordered.to_numpy()
    is_first = np.concatenate([[True], values[1:] != values[:-1]])
    return [int(place) for place in np.flatnonzero(is_first)]
