"""A run's operations in pages: each is on one of them, however many are asked about one subscriber."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.web.runs import ROWS, page_of


def read(asked: list[Any], after: int) -> list[Any]:
    """As page_run/operations_of_run does: all that is asked about one subscriber more than a page has rows."""
    ids = sorted({each.operation_id for each in asked if each.operation_id > after})[: ROWS + 1]
    return [each for each in asked if each.operation_id in ids]


@pytest.mark.parametrize("of_each", [1, 3, ROWS + 10])
@pytest.mark.parametrize("subscribers", [1, ROWS, 2 * ROWS + 1])
def test_pages_meet(subscribers: int, of_each: int) -> None:
    asked = [
        SimpleNamespace(operation_id=who, list_id=each) for who in range(1, subscribers + 1) for each in range(of_each)
    ]
    after: int | None = 0
    seen: list[Any] = []
    while after is not None:
        page, after = page_of(read(asked, after))
        assert page
        seen += page
    assert seen == asked
