"""What is asked and what became of it: by the very object, applied unless something else is said."""

from __future__ import annotations

from crm_sync.operations import Operation, Outcome, outcome_of_list, outcomes

ANN, BOB, EVE = (Operation(number, "create", f"{name}@example.org") for number, name in enumerate(("a", "b", "e")))


def test_outcomes_are_applied_but_for_the_refused() -> None:
    answer = outcomes([ANN, BOB], refused={BOB.subscriber_key: "compliance"}, remote_ids={ANN.subscriber_key: "x1"})
    assert [each.operation for each in answer] == [ANN, BOB]
    assert [(each.status, each.reason, each.remote_id) for each in answer] == [
        ("applied", "", "x1"),
        ("refused", "compliance", ""),
    ]
    assert [each.status for each in outcomes([ANN, BOB])] == ["applied", "applied"]
    assert outcomes([]) == []


def test_a_remark_stands_beside_what_was_applied_and_never_hides_a_refusal() -> None:
    remarks = {ANN.subscriber_key: "left_out", BOB.subscriber_key: "left_out"}
    answer = outcomes([ANN, BOB, EVE], refused={BOB.subscriber_key: "taken"}, remarks=remarks)
    assert [(each.status, each.reason) for each in answer] == [
        ("applied", "left_out"),
        ("refused", "taken"),
        ("applied", ""),
    ]


def test_a_list_is_refused_where_there_is_a_reason() -> None:
    told = outcome_of_list([ANN], remote_id="7"), outcome_of_list([ANN], reason="list_gone")
    assert [(each.status, each.reason, each.remote_id) for (each,) in told] == [
        ("applied", "", "7"),
        ("refused", "list_gone", ""),
    ]


def test_two_operations_that_say_the_same_are_two() -> None:
    one, other = Operation(1, "add_to_list"), Operation(1, "add_to_list")
    assert len({one, other}) == 2
    assert one != other
    assert Outcome(one) != Outcome(one)


def test_what_is_asked_of_one_planned_row_is_told_apart() -> None:
    asked = [
        Operation(1, "create"),
        Operation(1, "add_to_list", list_id=4),
        Operation(1, "remove_from_list", list_id=5),
    ]
    assert [each.key for each in asked] == [(1, "create", 0), (1, "add_to_list", 4), (1, "remove_from_list", 5)]
    assert Operation(2, "create_list", list_id=4).key == (2, "create_list", 0)


def test_nobody_is_named_where_an_operation_is_shown() -> None:
    shown = repr(outcomes([ANN]))
    assert "create" in shown
    assert "example.org" not in shown
