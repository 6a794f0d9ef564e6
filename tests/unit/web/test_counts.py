"""The counts that the sync page shows are those that counting would find, after whatever was done to the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from crm_sync.ledger.database import Database

COUNTED = """
select provider, 'state' as kind, state as what, count(*) from crm_sync.holding group by 1, 3
union all
select provider, 'list', l::text, count(*) from crm_sync.holding, unnest(lists) as l
where state = 'active' group by 1, 3
union all
select provider, 'exception', coalesce(reason, remark, state), count(*) from crm_sync.holding
where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending') group by 1, 3
order by 1, 2, 3
"""
KEPT = "select provider, kind, what, people from crm_sync.held_count where people <> 0 order by 1, 2, 3"
INSERT = """
insert into crm_sync.holding (provider, subscriber_key, address, contact_id, state, lists, reason)
select p, s || '@example.org', s || '@example.org', s,
       (array['active', 'active', 'suppressed', 'opted_out'])[1 + mod(s, 4)],
       array[mod(s, 3), 10 + mod(s, 2)], case when mod(s, 5) = 0 then 'address_taken' end
from unnest(array['a', 'b']) as p, generate_series(1, 40) as s
"""
CHANGES = {
    "people come": "",
    "a list is left": "update crm_sync.holding set lists = lists[2:] where contact_id < 9",
    "people are disabled": "update crm_sync.holding set state = 'archived' where provider = 'a' and contact_id > 7",
    "a refusal is settled": "update crm_sync.holding set reason = null, remark = 'address_not_valid'",
    "nothing changes": "update crm_sync.holding set run_id = 7",
    "people are forgotten": "delete from crm_sync.holding where contact_id > 20",
    "all are forgotten": "delete from crm_sync.holding",
    "a record is written over": "insert into crm_sync.holding (provider, subscriber_key, address, state, lists) values"
    " ('a', '1@example.org', 'x', 'active', '{5}'), ('c', '1@example.org', 'x', 'active', '{5}')"
    " on conflict (provider, subscriber_key) do update set state = excluded.state, lists = excluded.lists",
}


def do(state: Database, statement: str) -> list[tuple[Any, ...]]:
    """One statement in a transaction of its own."""
    with state.engine.begin() as connection:
        result = connection.exec_driver_sql(statement)
        return [tuple(row) for row in result.all()] if result.returns_rows else []


@pytest.mark.parametrize("change", CHANGES)
def test_kept_counts_are_what_counting_finds(state: Database, change: str) -> None:
    do(state, INSERT)
    before = do(state, KEPT)
    assert len(before) > 10
    if CHANGES[change]:
        do(state, CHANGES[change])
    assert do(state, KEPT) == do(state, COUNTED)
    assert (do(state, KEPT) == before) == (change in {"people come", "nothing changes"})


def put_run(state: Database, operations: int = 3) -> int:
    """A run that is being sent, with as many people applied as refused."""
    statement = (
        "insert into crm_sync.run (provider, airflow_run_id, mode, state) values ('a', 'one', 'full', 'planned')"
    )
    ((run_id,),) = do(state, f"{statement} returning run_id")
    do(
        state,
        "insert into crm_sync.planned_operation (run_id, provider, verb, contact_id, cause)"
        f" select {run_id}, 'a', 'create', s, null from generate_series(1, {2 * operations}) as s",
    )
    do(
        state,
        "insert into crm_sync.outcome (run_id, operation_id, verb, status, reason)"
        " select run_id, operation_id, verb, 'refused', 'address_taken' from crm_sync.planned_operation"
        f" where run_id = {run_id} and contact_id > {operations}",
    )
    do(state, f"update crm_sync.run set folded_to = {2 * operations + 1000} where run_id = {run_id}")
    return int(run_id)


@pytest.mark.parametrize("ended", ["previewed", "recorded", "failed"])
def test_a_run_is_counted_when_it_ends_and_again_when_it_ends_again(state: Database, ended: str) -> None:
    run_id = put_run(state)
    tally = f"select status, reason, cause, operations from crm_sync.run_tally where run_id = {run_id} order by status"
    assert do(state, tally) == []
    do(state, f"update crm_sync.run set state = '{ended}'")
    assert do(state, tally) == [("applied", None, None, 3), ("refused", "address_taken", None, 3)]
    do(state, "delete from crm_sync.outcome")
    do(state, f"update crm_sync.run set state = '{ended}'")
    assert do(state, tally) == [("applied", None, None, 6)]


def test_counts_go_with_their_run(state: Database) -> None:
    put_run(state)
    do(state, "update crm_sync.run set state = 'recorded'")
    assert do(state, "select count(*) from crm_sync.run_tally") == [(2,)]
    do(state, "delete from crm_sync.run")
    assert do(state, "select count(*) from crm_sync.run_tally") == [(0,)]
