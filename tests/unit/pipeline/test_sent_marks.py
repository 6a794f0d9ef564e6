"""What was called and never answered is known to have been called, however the load ended; a call is a row."""

from __future__ import annotations

from typing import Any

import pytest

from crm_sync.ledger.database import Database
from crm_sync.operations import Operation, Outcome, outcomes
from crm_sync.pipeline import settling
from crm_sync.pipeline.isolation import Batch
from unit.pipeline.ledger import ONE, TWO, Ledger


@pytest.fixture
def ledger(state: Database) -> Ledger:
    """Two people to create, who join lists 1 and 2."""
    made = Ledger(state)
    for subscriber_key in (ONE, TWO):
        made.put(
            "planned_operation",
            run_id=made.run_id,
            provider="mailchimp",
            verb="create",
            subscriber_key=subscriber_key,
            joins=[1, 2],
        )
    return made


def creating(ledger: Ledger) -> list[Operation]:
    rows = ledger.ask("select operation_id, subscriber_key from crm_sync.planned_operation order by 1")
    return [Operation(operation_id, "create", subscriber_key) for operation_id, subscriber_key in rows]


def joining(ledger: Ledger, list_id: int) -> list[Operation]:
    return [
        Operation(each.operation_id, "add_to_list", each.subscriber_key, list_id=list_id) for each in creating(ledger)
    ]


def begun(ledger: Ledger, *batches: list[Operation]) -> list[Batch]:
    with ledger.state.transaction() as state:
        return settling.begin(state, ledger.ctx.run, list(batches))


def settle(ledger: Ledger, *answered: tuple[Batch, list[Outcome]]) -> None:
    with ledger.state.transaction() as state:
        settling.settle(state, ledger.ctx.run, answered)


def told(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.ask(
        "select subscriber_key, verb, list_id, status, reason, remote_id from crm_sync.operation"
        " order by 1, 3 nulls first"
    )


def test_a_load_that_died_leaves_its_calls_in_doubt(ledger: Ledger) -> None:
    begun(ledger, joining(ledger, 2))
    assert [row[1:4] for row in told(ledger)] == 2 * [
        ("create", None, "pending"),
        ("add_to_list", 1, "pending"),
        ("add_to_list", 2, "in_doubt"),
    ]


def test_what_was_answered_is_one_row_with_the_ids_that_were_learned(ledger: Ledger) -> None:
    asked = creating(ledger)
    (batch,) = begun(ledger, asked)
    settle(ledger, (batch, outcomes(asked, remote_ids={TWO: 'a "quoted" \\ id'})))
    assert [row for row in told(ledger) if row[1] == "create"] == [
        (ONE, "create", None, "applied", None, None),
        (TWO, "create", None, "applied", None, 'a "quoted" \\ id'),
    ]
    assert ledger.ask("select applied, answered_at is not null from crm_sync.call") == [(2, True)]
    assert ledger.ask("select * from crm_sync.outcome") == []


def test_whoever_was_refused_has_a_row_and_the_others_have_none(ledger: Ledger) -> None:
    asked = joining(ledger, 1)
    (batch,) = begun(ledger, asked)
    settle(ledger, (batch, outcomes(asked, refused={ONE: "list_full"})))
    assert [row[:5] for row in told(ledger) if row[2] == 1] == [
        (ONE, "add_to_list", 1, "refused", "list_full"),
        (TWO, "add_to_list", 1, "applied", None),
    ]
    assert ledger.ask("select lists, sent_at is not null from crm_sync.outcome") == [([1], True)]


def test_a_part_of_a_batch_is_a_call_of_its_own_and_the_rest_stays_in_doubt(ledger: Ledger) -> None:
    asked = creating(ledger)
    (batch,) = begun(ledger, asked)
    settle(ledger, (Batch(asked[:1], batch.sent_at), outcomes(asked[:1])))
    assert [row[3] for row in told(ledger) if row[1] == "create"] == ["applied", "in_doubt"]


def test_what_goes_on_under_a_job_is_submitted_until_it_is_done(ledger: Ledger) -> None:
    asked = creating(ledger)
    (batch,) = begun(ledger, asked)
    one, two = asked
    settle(ledger, (batch, [Outcome(one, "submitted", job="t1"), Outcome(two)]))
    statuses = "select status, job from crm_sync.operation where verb = 'create' order by subscriber_key"
    assert ledger.ask(statuses) == [("submitted", "t1"), ("applied", None)]


def test_the_numbers_of_a_run_are_those_of_its_operations(ledger: Ledger) -> None:
    asked, joins = creating(ledger), joining(ledger, 1)
    enrolling, _, membership = begun(ledger, asked, joining(ledger, 2), joins)
    settle(
        ledger,
        (enrolling, outcomes(asked, refused={ONE: "compliance"})),
        (membership, outcomes(joins, refused={TWO: "list_full"})),
    )
    counted = "select count(*), count(*) filter (where status = 'applied'), count(*) filter (where status = 'refused')"
    counted += ", count(*) filter (where status in ('pending', 'in_doubt', 'submitted')) from crm_sync.operation"
    kept = ledger.ask("select planned, applied, refused, unsettled from crm_sync.run_summary")
    assert kept == ledger.ask(counted) == [(6, 2, 2, 2)]


def test_the_ledger_believes_no_number_but_what_was_answered(ledger: Ledger) -> None:
    asked = creating(ledger)
    (batch,) = begun(ledger, asked)
    settle(ledger, (batch, outcomes(asked)))
    ledger.ask("update crm_sync.call set applied = 6")  # as if the memberships had been answered, too
    ledger.fold()
    assert [row[1:4] for row in told(ledger)] == 2 * [
        ("create", None, "applied"),
        ("add_to_list", 1, "deferred"),
        ("add_to_list", 2, "deferred"),
    ]
    assert ledger.ask("select left_over from crm_sync.run") == [(4,)]
    assert ledger.holding("lists, reason") == ([], "deferred")


def test_of_what_is_left_over_only_what_was_called_is_in_doubt(ledger: Ledger) -> None:
    ledger.held(lists=[])
    ledger.held(TWO, contact_id=2, contact_ids=[2], lists=[])
    begun(ledger, joining(ledger, 2))
    ledger.fold()
    assert ledger.holding("unanswered_verb, unanswered_lists") == (None, [2])


def test_what_was_held_is_planned_anew_after_an_earlier_pass_too(ledger: Ledger) -> None:
    with ledger.state.transaction() as state:
        state.run("brake/hold_plan", run_id=ledger.run_id, sends_suppressions=True)
    assert {row[3] for row in told(ledger)} == {"held"}
    ledger.fold()
    with ledger.state.transaction() as state:
        state.run("plan/clear", run_id=ledger.run_id)
    assert told(ledger) == []
    assert ledger.ask("select * from crm_sync.outcome") == []
