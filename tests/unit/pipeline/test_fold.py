"""What the provider answered becomes the ledger: each statement of the fold, on tables of a few rows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.errors import ContractError, LoadFailedError
from crm_sync.ledger.database import Database
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import record as stage
from crm_sync.settings import Settings
from unit.pipeline.ledger import NOW, ONE, TWO, Ledger


@pytest.fixture
def ledger(state: Database) -> Ledger:
    return Ledger(state)


def test_a_new_subscriber_is_held_with_what_was_accepted(ledger: Ledger) -> None:
    ledger.wants()
    ledger.asked("create", remote_id="r1")
    ledger.asked("add_to_list", list_id=2)
    ledger.asked("add_to_list", list_id=1)
    ledger.fold()
    assert ledger.holding("state, lists, reason, remote_id, contact_ids, managed, retry_at") == (
        "active",
        [1, 2],
        None,
        "r1",
        [1],
        True,
        None,
    )
    assert ledger.holding("payload_hash") == ledger.ask("select payload_hash from crm_sync.desired")[0]


@pytest.mark.parametrize(
    ("verb", "becomes"),
    [("suppress", "suppressed"), ("archive", "archived"), ("enable", "active"), ("update", "active")],
)
def test_the_state_is_that_of_the_last_verb(verb: str, becomes: str, ledger: Ledger) -> None:
    ledger.held(lists=[1, 2], reason="forgotten", refused_hash="x", retry_at=NOW)
    ledger.wants()
    ledger.asked(verb)
    ledger.asked("remove_from_list", list_id=2)
    ledger.fold()
    assert ledger.holding("state, lists, reason, refused_hash, retry_at") == (becomes, [1], None, None, None)
    hash_there = ledger.holding("payload_hash")
    assert (hash_there == ("old",)) == (becomes != "active"), "what is not active was not sent"


def test_a_mover_keeps_its_row_under_the_new_address(ledger: Ledger) -> None:
    ledger.held(remote_id="r1", lists=[1])
    ledger.held(TWO, state="absent", reason="compliance")
    ledger.wants(TWO)
    ledger.asked("change_address", subscriber_key=TWO, from_subscriber_key=ONE)
    ledger.fold()
    assert ledger.holding() is None
    assert ledger.holding("state, lists, remote_id, reason", TWO) == ("active", [1], "r1", None)


def test_a_refusal_is_kept_with_its_reason_and_its_time(ledger: Ledger) -> None:
    ledger.wants()
    ledger.asked("create", "refused", reason="compliance")
    ledger.asked("add_to_list", "refused", list_id=1, reason="subscriber_refused")
    ledger.fold()
    state, reason, refused, due, wanted = ledger.holding("state, reason, refused_hash, retry_at, contact_id")
    assert (state, reason, wanted) == ("absent", "compliance", 1)
    assert refused == ledger.ask("select payload_hash from crm_sync.desired")[0][0]
    assert due == NOW + timedelta(hours=Settings().retry_refused_after_hours)


def test_a_refused_update_leaves_the_holding_as_it_was(ledger: Ledger) -> None:
    ledger.held(lists=[1])
    ledger.wants()
    ledger.asked("update", "refused", reason="field_refused:FNAME")
    ledger.fold()
    assert ledger.holding("state, lists, reason, payload_hash") == ("active", [1], "field_refused:FNAME", "old")


@pytest.mark.parametrize(("reason", "told"), [("opted_out", False), ("cleaned", True)])
def test_an_opt_out_that_the_push_brought_to_light_is_known_and_told(reason: str, told: bool, ledger: Ledger) -> None:
    ledger.held(lists=[1])
    ledger.wants()
    ledger.asked("update", "refused", reason=reason)
    ledger.fold()
    assert ledger.holding("state, retry_at") == (reason, None)
    kept = ledger.ask("select subscriber_key, reason, crm_written_at is not null from crm_sync.opt_out")
    assert kept == [(ONE, "cleaned" if told else "unsubscribed", told)], "a bounce is no wish: the CRM is not told"


def test_a_move_that_was_replaced_leaves_no_refusal(ledger: Ledger) -> None:
    ledger.held(lists=[1])
    ledger.wants(TWO)
    ledger.asked("change_address", "refused", TWO, from_subscriber_key=ONE, reason="address_taken")
    ledger.asked("create", subscriber_key=TWO)
    ledger.asked("archive")
    ledger.fold()
    assert (ledger.holding("state"), ledger.holding("state, reason", TWO)) == (("archived",), ("active", None))


def test_what_is_unsettled_is_deferred_and_read_again_at_once(ledger: Ledger) -> None:
    ledger.wants()
    ledger.asked("create", "pending")
    ledger.asked("add_to_list", "in_doubt", list_id=1)
    ledger.held(TWO, lists=[1], reason=None)
    ledger.asked("suppress", "in_doubt", TWO)
    ledger.fold()
    assert ledger.ask("select distinct status, reason from crm_sync.operation") == [("deferred", "load_failed")]
    assert ledger.holding("state, reason, retry_at <= now()") == ("absent", "deferred", True)
    assert ledger.holding("state, reason, retry_at <= now()", TWO) == ("active", "deferred", True)


def test_whoever_needed_nothing_has_nothing_left_to_retry(ledger: Ledger) -> None:
    ledger.wants()
    same = ledger.ask("select payload_hash from crm_sync.desired")[0][0]
    ledger.held(contact_ids=[1, 9], payload_hash=same, reason="deferred", retry_at=NOW - timedelta(1))
    ledger.fold()
    assert ledger.holding("contact_ids, reason, retry_at") == ([1], None, None)


def test_who_is_gone_for_good_waits_for_nothing(ledger: Ledger) -> None:
    ledger.held(state="archived", reason="deferred", retry_at=NOW - timedelta(1))
    ledger.put("scope_subscriber", run_id=ledger.run_id, subscriber_key=ONE)
    ledger.fold()
    assert ledger.holding("state, reason, retry_at") == ("archived", None, None)


def test_leaving_a_list_later_than_being_suppressed_leaves_nothing_deferred(ledger: Ledger) -> None:
    ledger.held(state="suppressed", lists=[1, 2], reason="deferred", retry_at=NOW - timedelta(1))
    ledger.asked("remove_from_list", list_id=1)
    ledger.fold()
    assert ledger.holding("state, lists, reason, retry_at") == ("suppressed", [2], None, None)


def test_what_a_second_plan_of_the_run_settled_is_not_deferred(ledger: Ledger) -> None:
    ledger.held(lists=[1, 2])
    ledger.asked("archive", "deferred", reason="planned_anew")
    ledger.asked("remove_from_list", "deferred", list_id=1, reason="planned_anew")
    ledger.asked("archive")
    ledger.asked("remove_from_list", list_id=1)
    ledger.fold()
    assert ledger.holding("state, reason, retry_at") == ("archived", None, None)
    ledger.asked("remove_from_list", "deferred", list_id=2, reason="load_failed")
    ledger.fold()
    assert ledger.holding("reason") == ("deferred",)


def test_a_standing_refusal_keeps_its_time_while_it_is_wanted(ledger: Ledger) -> None:
    later = NOW + timedelta(hours=5)
    ledger.held(state="absent", reason="compliance", refused_hash="x", retry_at=later)
    ledger.wants()
    ledger.fold()
    assert ledger.holding("reason, retry_at") == ("compliance", later)


def test_a_refusal_of_somebody_not_wanted_any_more_is_forgotten(ledger: Ledger) -> None:
    ledger.held(state="absent", reason="compliance")
    ledger.held(TWO, state="absent", reason="compliance")
    ledger.put("scope_subscriber", run_id=ledger.run_id, subscriber_key=ONE)
    ledger.fold()
    assert ledger.holding() is None
    assert ledger.holding(subscriber_key=TWO) is not None, "the run did not look at this one"


def test_a_deleted_list_is_left_by_all(ledger: Ledger) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="r1", name="News", crm_name="News")
    ledger.held(lists=[1, 2])
    ledger.asked("delete_list", subscriber_key=None, list_id=1)
    ledger.fold()
    assert ledger.holding("lists, retry_at") == ([2], None)
    assert ledger.ask("select * from crm_sync.list_holding") == []


def test_a_list_deleted_by_hand_is_an_exception_and_its_people_and_joiners_are_read_again(
    ledger: Ledger,
) -> None:
    ledger.put("list_holding", provider="mailchimp", list_id=1, remote_id="r1", name="News", crm_name="News")
    ledger.held(lists=[1, 2])
    ledger.wants(TWO)
    ledger.asked("create", subscriber_key=TWO)
    ledger.asked("add_to_list", "refused", TWO, list_id=1, reason="list_gone")
    ledger.fold()
    assert ledger.ask("select remote_id, name, retry_at <= now() from crm_sync.list_holding") == [(None, None, True)]
    assert ledger.ask("select what, list_id, reason from crm_sync.exceptions") == [("list", 1, "list_gone")]
    assert ledger.holding("lists, reason, retry_at <= now()") == ([2], None, True)
    assert ledger.holding("lists, reason, retry_at <= now()", TWO) == ([], None, True)


def test_a_refused_list_is_an_exception_with_its_time(ledger: Ledger) -> None:
    ledger.put("extracted_list", run_id=ledger.run_id, list_id=1, name="News", kind="list")
    ledger.asked("create_list", "refused", None, list_id=1, list_name="News", reason="list_name_taken")
    ledger.fold()
    assert ledger.ask("select list_id, crm_name, remote_id, reason, retry_at > now() from crm_sync.list_holding") == [
        (1, "News", None, "list_name_taken", True)
    ]
    assert ledger.ask("select what, list_id, reason from crm_sync.exceptions") == [("list", 1, "list_name_taken")]


@pytest.mark.parametrize(("mode", "resolved"), [(Mode.CHANGES, {1}), (Mode.FULL, {1, 2})])
def test_what_was_set_aside_is_resolved_when_it_is_looked_at_again(
    mode: Mode, resolved: set[int], state: Database
) -> None:
    ledger = Ledger(state, mode)
    for contact_id in (1, 2):
        ledger.put("set_aside", run_id=0, provider="mailchimp", contact_id=contact_id, reason="address_not_valid")
    ledger.put("set_aside", run_id=ledger.run_id, provider="mailchimp", contact_id=3, reason="address_not_valid")
    ledger.put("scope_contact", run_id=ledger.run_id, contact_id=1)
    ledger.fold()
    assert {
        row[0] for row in ledger.ask("select contact_id from crm_sync.set_aside where resolved_at is not null")
    } == resolved


def test_a_run_that_never_came_to_its_end_has_decided_nothing(state: Database) -> None:
    ledger = Ledger(state, Mode.FULL)
    ledger.wants()
    ledger.held(reason="deferred", retry_at=NOW - timedelta(1))
    ledger.held(TWO, state="absent", reason="compliance")
    ledger.put("set_aside", run_id=0, provider="mailchimp", contact_id=1, reason="address_not_valid")
    before = ledger.ask("select * from crm_sync.holding order by subscriber_key")
    ledger.fold(decides=False)
    assert ledger.ask("select * from crm_sync.holding order by subscriber_key") == before
    assert ledger.ask("select resolved_at from crm_sync.set_aside") == [(None,)]


def test_folding_twice_changes_nothing(ledger: Ledger) -> None:
    ledger.wants()
    ledger.asked("create")
    ledger.asked("add_to_list", list_id=1)
    ledger.fold()
    before = ledger.ask("select * from crm_sync.holding")
    ledger.fold()
    assert before == ledger.ask("select * from crm_sync.holding")


def test_a_run_that_was_never_planned_ends_red_and_folds_nothing(ledger: Ledger) -> None:
    ledger.asked("create", "pending")
    with pytest.raises(LoadFailedError, match="nothing was sent"):
        stage.record(ledger.ctx)
    assert ledger.ask("select state from crm_sync.run") == [(RunState.FAILED.value,)]
    assert ledger.holding() is None


def test_an_operation_without_an_outcome_stops_the_run(ledger: Ledger) -> None:
    ledger.asked("create", "in_doubt")
    with pytest.raises(ContractError, match="lost an operation"):
        stage._counts(ledger.ctx)


@pytest.mark.parametrize("settled", [RunState.IDLE, RunState.PREVIEWED])
def test_a_run_with_nothing_to_record_is_left_as_it_is(settled: RunState) -> None:
    ctx: Any = SimpleNamespace(run=SimpleNamespace(state=settled))
    assert stage.record(ctx) == {}


def test_an_opt_out_that_was_lifted_stands_again_where_the_push_meets_another(ledger: Ledger) -> None:
    ledger.put("opt_out", provider="mailchimp", subscriber_key=ONE, reason="unsubscribed", lifted_at=NOW - timedelta(1))
    ledger.wants()
    ledger.asked("update", "refused", reason="opted_out")
    ledger.fold()
    assert ledger.ask("select subscriber_key, lifted_at from crm_sync.opt_out") == [(ONE, None)]


def test_what_one_list_refused_is_not_settled_by_another(ledger: Ledger) -> None:
    ledger.held()
    ledger.wants(lists=[1, 2])
    ledger.asked("add_to_list", "refused", list_id=1, reason="list_full")
    ledger.asked("add_to_list", list_id=2)
    ledger.fold()
    assert ledger.holding("lists, reason") == ([2], "list_full")


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_pause_to_come_is_kept_for_whom_the_crm_wants(ledger: Ledger, is_wanted: bool) -> None:
    later = NOW + timedelta(1)
    ledger.held(state="absent", reason="compliance", retry_at=later)
    ledger.wants(lists=[1] if is_wanted else [])
    ledger.fold()
    assert ledger.holding("retry_at") == (later if is_wanted else None,)


def test_whoever_moves_to_an_address_that_was_refused_once_is_the_same_person(ledger: Ledger) -> None:
    ledger.held(lists=[1])
    ledger.held(TWO, contact_id=2, contact_ids=[2], state="absent", reason="compliance")
    ledger.wants(TWO)
    ledger.put("scope_subscriber", run_id=ledger.run_id, subscriber_key=ONE)
    with ledger.state.transaction() as reading:
        asked = {"run_id": ledger.run_id, "provider": "mailchimp", "everyone": False, "resend": False}
        rows = reading.frame("plan/to_plan", **asked, now=NOW, rests=[], pilot=False)
    assert rows.set_index("subscriber_key")["moves_from"].to_dict() == {ONE: "", TWO: ONE}
