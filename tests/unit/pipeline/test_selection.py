"""Which lists the settings leave out: by id, name or kind, included, excluded, or not in the pilot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.pipeline.selection import excluded
from crm_sync.settings import OfProvider, Pilot, Selection

ROWS = [
    SimpleNamespace(list_id=1, name="News ", kind="list"),
    SimpleNamespace(list_id=2, name="Board", kind="committee"),
    SimpleNamespace(list_id=3, name="1", kind="list"),
]


@pytest.mark.parametrize(
    ("own", "left_out"),
    [
        ({}, []),
        ({"exclude": (2,)}, [2]),
        ({"exclude": ("2",)}, [2]),
        ({"exclude": (" NEWS",)}, [1]),
        ({"exclude": ("1",)}, [1, 3]),
        ({"exclude": (1,)}, [1, 3]),
        ({"exclude": ("kind:list",)}, [1, 3]),
        ({"include": ("kind:list",)}, [2]),
        ({"include": ("kind:list",), "exclude": ("News",)}, [1, 2]),
        ({"include": ("Nothing",)}, [1, 2, 3]),
    ],
)
def test_lists_are_left_out(own: dict[str, Any], left_out: list[int]) -> None:
    assert excluded(OfProvider(lists=Selection(**own)), ROWS) == left_out


def test_a_pilot_of_lists_leaves_out_the_others() -> None:
    assert excluded(OfProvider(pilot=Pilot(lists=("Board",))), ROWS) == [1, 3]
    assert excluded(OfProvider(pilot=Pilot(domains=("example.org",), people=3)), ROWS) == []
