"""Exactly one outcome for each operation, or the run stops; and the phases keep their order."""

from __future__ import annotations

from typing import Any

import pytest

from crm_sync.errors import ContractError
from crm_sync.model import PHASES, Verb
from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline.outcomes import verify

# One row of the ledger may be several operations, so that one id says nothing: the last two share it.
BATCH = [Operation(1, "create"), Operation(2, "add_to_list"), Operation(2, "add_to_list")]
STRANGER = Operation(2, "add_to_list")


def answer(*rows: tuple[int, str, str]) -> list[Outcome]:
    return [Outcome([*BATCH, STRANGER][number - 1], status, reason) for number, status, reason in rows]


def test_one_outcome_each_in_any_order_is_right() -> None:
    verify(BATCH, answer((3, "applied", ""), (1, "refused", "compliance"), (2, "applied", "")))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, "applied", ""), (2, "applied", "")], "3 operations were sent, and 2 outcomes"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "applied", ""), (3, "applied", "")], "4 outcomes"),
        ([(1, "applied", ""), (2, "applied", ""), (2, "applied", "")], "outcomes of other"),
        ([(1, "applied", ""), (2, "applied", ""), (4, "applied", "")], "outcomes of other"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "pending", "")], "applied, refused, deferred"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "done", "")], "applied, refused, deferred"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "deferred", "")], "reason"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "submitted", "")], "job"),
        ([(1, "applied", ""), (2, "applied", ""), (3, "refused", "")], "reason"),
        ([], "0 outcomes"),
    ],
)
def test_anything_else_stops_the_run(rows: list[Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        verify(BATCH, answer(*rows))


def test_every_verb_has_exactly_one_phase() -> None:
    verbs = [verb for phase in PHASES.values() for verb in phase]
    assert sorted(verbs) == sorted(Verb)


def test_people_leave_before_others_come_and_a_list_exists_before_somebody_joins() -> None:
    order = list(PHASES)
    pairs = [
        ("delete_list", "create_list"),
        ("rename_list", "create_list"),
        ("create_list", "change_membership"),
        ("suppress", "enroll"),
        ("change_address", "enroll"),
        ("enroll", "change_membership"),
        ("change_membership", "archive"),
    ]
    assert all(order.index(first) < order.index(then) for first, then in pairs)
