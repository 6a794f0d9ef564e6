"""What a run of ten people costs the state database does not grow with the ledger.

The server counts the rows that are read, table by table, whatever statement, function or trigger reads them. An index
read from end to end counts as well.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from contract.people import add_list, add_people
from crm_sync import providers
from crm_sync.ledger.store import load_run
from crm_sync.pipeline import STAGES
from crm_sync.pipeline.opt_outs import listen_again
from local.background import await_until
from local.world import World

HELD = 200_000
TEN = 10
# Of any table; ten people have some rows each, and what runs anew for each stage reads a few of them again.
MOST_ROWS_READ = 10_000

# Everybody is held as the CRM says, by runs of before; one contact in two hundred refuses mail.
GROWN = """
insert into crm_sync.holding
           (provider, subscriber_key, contact_id, contact_ids, address, remote_id, payload_hash, lists, state, run_id)
    select %(provider)s, case when %(by_address)s then n || '@example.org' else n::text end, n, array[n],
           n || '@example.org', 'held-' || n, md5(n::text), '{1}', 'active', 0
    from generate_series(1000001, 1000000 + %(held)s) n;
insert into crm_sync.last_read (provider, contact_id, row_hash)
    select %(provider)s, n, md5(n::text)::uuid from generate_series(1000001, 1000000 + %(held)s) n;
insert into crm_sync.opt_out (provider, subscriber_key, reason, crm_written_at)
    select %(provider)s, 'left-' || n || '@example.org', 'unsubscribed', now() from generate_series(1, %(held)s / 10) n;
insert into crm_sync.run (provider, airflow_run_id, mode, state, folded_to, opened_at, finished_at)
    values (%(provider)s, 'of before', 'full', 'recorded', 9000000, now() - interval '1 day', now() - interval '1 day');
insert into crm_sync.planned_operation (run_id, provider, verb, contact_id, subscriber_key, joins)
    select r.run_id, r.provider, 'create', h.contact_id, h.subscriber_key, '{1}'
    from crm_sync.run r join crm_sync.holding h using (provider) where r.airflow_run_id = 'of before';
insert into crm_sync.call (run_id, provider, operation_ids, first_id, last_id, applied, answered_at)
    select p.run_id, p.provider, array_agg(p.operation_id), min(p.operation_id), max(p.operation_id), count(*), now()
    from crm_sync.planned_operation p join crm_sync.run r using (run_id) where r.airflow_run_id = 'of before'
    group by p.run_id, p.provider, p.operation_id / 500;
insert into crm_sync.outcome (run_id, operation_id, verb, status, reason)
    select p.run_id, p.operation_id, p.verb, 'refused', 'subscriber_refused'
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where r.airflow_run_id = 'of before' and p.operation_id %% 10 = 0;
"""
READ = """
select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
where schemaname = 'crm_sync'
union all
select relname || ' by ' || indexrelname, coalesce(idx_tup_read, 0) from pg_stat_user_indexes
where schemaname = 'crm_sync'
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
SECONDS = 60.0
ANALYZED = """
select coalesce(sum(analyze_count + vacuum_count), 0) from pg_stat_user_tables where schemaname = 'crm_sync'
"""


@pytest.fixture
def grown(world: World) -> World:
    """Ten people are in step; the ledger holds so many others, whom nothing happens to."""
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, TEN, lists=[1])
    world.run()
    by_address = world.query("select subscriber_key like '%%@%%' from crm_sync.holding limit 1")[0][0]
    with world.state.engine.connect() as opened:
        connection: Any = opened.connection.driver_connection
        for statement in GROWN.split(";\n")[:-1]:
            values = {"provider": world.provider, "held": HELD, "by_address": by_address}
            connection.execute(statement, values)
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
        connection.autocommit = False
    return world


def rows_read(world: World) -> dict[str, int]:
    """Of each table and index so far, by all connections, which are closed for it: each tells at its end."""
    world.state.engine.dispose()
    assert await_until(lambda: world.query(OTHERS) == [(0,)], SECONDS)
    return {name: int(read) for name, read in world.query(READ)}


def test_a_run_of_ten_people_reads_no_big_table(grown: World) -> None:
    grown.run()
    before, analyzed = rows_read(grown), grown.query(ANALYZED)
    grown.crm_do("update crm.contact set first_name = 'Other' || contact_id where contact_id <= %s", TEN)
    grown.crm_do("update crm.email_address set address = 'new-' || address where contact_id <= %s", TEN // 2)
    grown.begin(airflow_run_id="ten")
    for stage in itertools.takewhile(lambda stage: stage != "load", STAGES):
        grown.stage(stage, "ten")
    if providers.get(grown.provider).hears_opt_outs:
        listen_again(grown.context(load_run(grown.state, grown.provider, "ten")))
    grown.stage("load", "ten")
    assert grown.stage("record", "ten")["applied"] >= TEN
    after = rows_read(grown)
    much = {name: read - before[name] for name, read in after.items() if read - before[name] > MOST_ROWS_READ}
    assert not much
    assert grown.query(ANALYZED) == analyzed
