"""The statements of the sync page, each over a few rows that it must and must not find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine

from crm_sync.ledger.database import Database
from crm_sync.web import person
from local.crm_sql import SMALL_ASSOCIATION
from local.world import engine_url

LEDGER = """
insert into crm_sync.holding (provider, subscriber_key, address, contact_id, contact_ids, state, reason, lists) values
    ('a', 'one@example.org', 'one@example.org', 1, '{1}', 'active', null, '{1}'),
    ('a', 'two@example.org', 'two@example.org', 2, '{2,3}', 'active', 'address_taken', '{1}'),
    ('a', 'gone@example.org', 'gone@example.org', 9, '{9}', 'opted_out', 'opted_out', '{}'),
    ('b', '4', 'four@example.org', 4, '{4}', 'absent', 'address_taken', '{}');
insert into crm_sync.list_holding (provider, list_id, name, reason) values
    ('a', 1, 'News', null), ('a', 2, 'Taken', 'list_name_taken');
insert into crm_sync.run (provider, airflow_run_id, mode, state) values
    ('a', 'old', 'full', 'recorded'), ('a', 'new', 'changes', 'previewed'), ('b', 'bad', 'full', 'failed');
insert into crm_sync.set_aside (run_id, provider, contact_id, reason) values
    (1, 'a', 5, 'address_not_valid'), (2, 'a', 6, 'address_not_valid'), (1, 'a', 7, 'address_too_long');
update crm_sync.set_aside set resolved_at = now() where contact_id = 7;
insert into crm_sync.planned_operation (run_id, provider, verb, contact_id, subscriber_key, joins)
    select 1, 'a', case mod(s, 2) when 0 then 'create' end, s, s || '@example.org',
           case mod(s, 2) when 1 then '{1}' else '{}' end::bigint[]
    from generate_series(1, 9) as s;
insert into crm_sync.call (run_id, provider, operation_ids, lists, first_id, last_id, applied, answered_at)
    select 1, 'a', array_agg(operation_id), case when verb is null then '{1}'::bigint[] end,
           min(operation_id), max(operation_id), count(*), now()
    from crm_sync.planned_operation group by verb;
update crm_sync.run set folded_to = 9 where run_id = 1;
update crm_sync.run set state = state;
"""
BOTH = {"providers": ["a", "b"]}
NOBODY_TOO = {"providers": ["a", "b", "c"]}


@pytest.fixture
def ledger(state: Database) -> Database:
    """A small ledger of two providers."""
    with state.engine.begin() as connection:
        connection.exec_driver_sql(LEDGER)
    return state


@pytest.fixture
def small_crm(crm: str) -> Iterator[Database]:
    """The small association."""
    engine = create_engine(engine_url(crm))
    with engine.begin() as connection:
        connection.exec_driver_sql(SMALL_ASSOCIATION)
    yield Database(engine, "the CRM")
    engine.dispose()


def rows(database: Database, name: str, /, **parameters: object) -> list[Any]:
    """What a statement of the page answers."""
    with database.transaction() as transaction:
        return transaction.rows(name, **parameters)


def change(database: Database, name: str, /, **parameters: object) -> int:
    """How many rows a statement of the page changed."""
    with database.transaction() as transaction:
        return transaction.run(name, **parameters)


def test_the_newest_run_of_each_provider_is_told(ledger: Database) -> None:
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("update crm_sync.run set opened_at = now() - make_interval(mins => 9 - run_id::int)")
        connection.exec_driver_sql(
            "insert into crm_sync.run (provider, airflow_run_id, mode, state, opened_at)"
            " values ('a', 'idle', 'changes', 'idle', now())"
        )
    found = {(row.provider, row.part, row.airflow_run_id) for row in rows(ledger, "page_cards/last_runs", **NOBODY_TOO)}
    assert found == {
        ("a", "newest", "idle"),
        ("a", "last", "old"),
        ("a", "good", "old"),
        ("a", "in_step", "idle"),
        ("b", "newest", "bad"),
        ("b", "last", "bad"),
        ("b", "failed", "bad"),
    }


def test_counts_name_lists_and_leave_out_what_is_nobody(ledger: Database) -> None:
    found = [
        (r.provider, r.kind, r.what, r.people, r.list_name) for r in rows(ledger, "page_cards/held_counts", **BOTH)
    ]
    assert ("a", "list", "1", 2, "News") in found
    assert ("a", "exception", "address_taken", 1, None) in found
    assert ("b", "state", "absent", 1, None) in found


def test_what_a_preview_set_aside_is_no_second_exception(ledger: Database) -> None:
    found = [(r.provider, r.reason, r.people) for r in rows(ledger, "page_cards/set_aside_counts", **BOTH)]
    assert found == [("a", "address_not_valid", 1)]


def test_what_is_wrong_now_is_told_the_oldest_first_with_the_latest_run_that_met_it(ledger: Database) -> None:
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into crm_sync.alert (provider, kind, since, airflow_run_id, met_again_in) values"
            " ('a', 'late', now(), 'r2', 'r3'), ('a', 'load_failed', now() - interval '1 hour', 'r1', 'r4'),"
            " ('c', 'late', now(), 'r1', 'r1')"
        )
    found = [(row.provider, row.kind, row.airflow_run_id) for row in rows(ledger, "page_cards/alerts_open", **BOTH)]
    assert found == [("a", "load_failed", "r4"), ("a", "late", "r3")]


def test_the_export_agrees_with_the_view(ledger: Database) -> None:
    wanted = {"reason": None, "most": 100}
    found = [
        (r.provider, r.what, r.contact_id, r.list_id, r.reason)
        for r in rows(ledger, "page_refusals/export_exceptions", **BOTH, **wanted)
    ]
    with ledger.engine.begin() as connection:
        view = connection.exec_driver_sql("select provider, what, contact_id, list_id, reason from crm_sync.exceptions")
        assert sorted(found, key=str) == sorted((tuple(row) for row in view), key=str)
    assert len(found) == 5


def test_a_retry_takes_the_chosen_reasons_and_nobody_who_opted_out(ledger: Database) -> None:
    reasons = ["address_taken", "opted_out", "list_name_taken"]
    assert change(ledger, "page_refusals/retry_reasons", provider="a", reasons=reasons) == 1
    assert change(ledger, "page_refusals/retry_lists", provider="a", reasons=reasons) == 1
    with ledger.engine.begin() as connection:
        chosen = connection.exec_driver_sql("select subscriber_key from crm_sync.holding where retry_at <= now()").all()
    assert [tuple(row) for row in chosen] == [("two@example.org",)]


def test_a_person_is_offered_again_through_a_shared_address(ledger: Database) -> None:
    def offered(contact_id: int) -> int:
        whom = {"provider": "a", "contact_id": contact_id}
        reasons = [row.reason for row in rows(ledger, "page_people/refusals_of_person", **whom)]
        assert change(ledger, "page_people/retry_person", **whom, reasons=["another"]) == 0
        return change(ledger, "page_people/retry_person", **whom, reasons=reasons)

    assert [offered(3), offered(1), offered(9)] == [1, 0, 0]


def test_operations_come_in_pages_that_meet(ledger: Database) -> None:
    asked = {
        "run_id": 1,
        "first_id": 1,
        "last_id": 10**6,
        "verb": None,
        "status": None,
        "reason": None,
        "list_id": None,
        "contact_id": None,
    }
    first = rows(ledger, "page_run/operations_of_run", **asked, after=0, rows=5)
    second = rows(ledger, "page_run/operations_of_run", **asked, after=first[-1].operation_id, rows=5)
    assert [row.contact_id for row in first + second] == list(range(1, 10))
    one = rows(ledger, "page_run/operations_of_run", **{**asked, "verb": "create", "contact_id": 4}, after=0, rows=5)
    assert [(row.contact_id, row.verb) for row in one] == [(4, "create")]


def test_the_tally_and_the_live_count_agree(ledger: Database) -> None:
    kept, live = (
        rows(ledger, name, run_id=1, **more)
        for name, more in (("page_run/run_tally", {}), ("page_run/run_so_far", {"most": 99}))
    )
    assert [(r.verb, r.list_name, r.operations) for r in kept] == [("add_to_list", "News", 5), ("create", None, 4)]
    assert [tuple(row) for row in kept] == [tuple(row) for row in live]


def test_history_is_by_day_and_outcome_and_without_previews(ledger: Database) -> None:
    found = rows(ledger, "page_cards/history", **BOTH, days=14)
    assert [(row.provider, row.status, row.operations) for row in found] == [("a", "applied", 9)]


def test_holdings_are_found_by_address_id_and_through_others(ledger: Database) -> None:
    def subscriber_keys(subscriber_key: str | None, contact_id: int) -> list[str]:
        return [
            row.subscriber_key
            for row in rows(
                ledger, "page_people/holdings_of", **BOTH, subscriber_key=subscriber_key, contact_id=contact_id
            )
        ]

    assert subscriber_keys(None, 3) == ["two@example.org"]
    assert subscriber_keys("one@example.org", 77) == ["one@example.org"]
    assert subscriber_keys(None, 4) == ["4"]
    assert [
        row.contact_id for row in rows(ledger, "page_people/find_in_ledger", **BOTH, subscriber_key=None, contact_id=9)
    ] == [9]


def test_looks_are_noted_with_nothing_but_the_id(ledger: Database) -> None:
    change(ledger, "page_people/log_looks", who="op", contact_ids=[1, 2], what="found")
    with ledger.engine.begin() as connection:
        noted = [
            dict(row._mapping) for row in connection.exec_driver_sql("select * from crm_sync.looked_at order by 1")
        ]
    assert [(row["who"], row["contact_id"], row["what"]) for row in noted] == [("op", 1, "found"), ("op", 2, "found")]
    assert set(noted[0]) == {"looked_id", "looked_at", "who", "contact_id", "what"}


def test_people_are_found_by_id_address_and_the_beginning_of_a_name(small_crm: Database) -> None:
    with small_crm.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into crm.contact (contact_id, first_name, last_name) values (77, 'Ann-Marie', 'O''Neil');"
            " insert into crm.email_address (contact_id, address, is_primary) values (77, ' Ann@Example.org', true)"
        )

    def found(**wish: object) -> list[int]:
        asked = {"contact_id": None, "subscriber_key": None, "name": None, **wish}
        return [row.contact_id for row in rows(small_crm, "crm/sync_page/find_people", **asked)]

    assert found(contact_id=77) == [77]
    assert found(subscriber_key="ann@example.org") == [77]
    assert found(name="ann-m") == found(name="o'neil") == found(name="ann-marie o'n") == [77]
    assert found(name="nobody is called this") == []


def test_a_provider_is_behind_by_what_changed_after_its_last_read(small_crm: Database) -> None:
    with small_crm.engine.begin() as connection:
        snapshot = connection.exec_driver_sql("select pg_current_snapshot()::text").scalar_one()
    with small_crm.engine.begin() as connection:
        connection.exec_driver_sql("update crm.contact set last_name = 'Changed' where contact_id in (2, 3)")
    later = small_crm.engine.connect()
    now = later.exec_driver_sql("select pg_current_snapshot()::text").scalar_one()
    later.close()
    asked = {"providers": ["a", "b"], "snapshots": [snapshot, now], "most": 100}
    found = {row.provider: (row.changes, row.is_more) for row in rows(small_crm, "crm/sync_page/behind", **asked)}
    assert found == {"a": (2, False), "b": (0, False)}
    assert rows(small_crm, "crm/sync_page/behind", **{**asked, "most": 1})[0].is_more


def test_the_scope_is_that_of_the_last_run_not_of_the_server_that_shows_it(
    ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("update crm_sync.run set do_not_contact_scope = 'list' where airflow_run_id = 'new'")
    monkeypatch.setattr(person, "state_reading", ledger.transaction)
    for here in ("contact", "list"):
        monkeypatch.setenv("CRM_SYNC_DO_NOT_CONTACT_SCOPE", here)
        assert person._scopes(["a", "b", "c"]) == {"a": "list", "b": here, "c": here}


def test_the_ledger_and_the_pages_agree_about_what_a_good_run_is(state: Database) -> None:
    from crm_sync.model import RunState
    from crm_sync.run_status import GOOD, status_of

    with state.engine.begin() as connection:
        for number, (how, left) in enumerate((how, left) for how in RunState for left in (0, 1)):
            connection.exec_driver_sql(
                "insert into crm_sync.run (provider, airflow_run_id, mode, state, left_over, waiting)"
                f" values ('a', '{number}', 'changes', '{how}', {left if how.value == 'recorded' else 0}, {left})"
            )
        found = connection.exec_driver_sql(
            "select state, left_over, waiting, null as question_status, is_good from crm_sync.run"
        ).all()
    assert len(found) == 2 * len(RunState)
    assert [row for row in found if row.is_good is not (status_of(row) in GOOD)] == []
