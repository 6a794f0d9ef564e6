-- A ledger of :people people of Mailchimp, of whom one in twenty is refused and one in a hundred opted out, and :days
-- days of runs: one every ten minutes, each of a few operations, a refused one among them.
set session_replication_role = replica;
insert into crm_sync.list_holding (provider, list_id, remote_id, name)
select 'mailchimp', n, n::text, 'List ' || n from generate_series(1, 20) as n;
insert into crm_sync.holding
    (provider, subscriber_key, address, remote_id, contact_id, contact_ids, state, payload_hash, fields, lists, reason,
     refused_at, retry_at)
select 'mailchimp', 'p' || n || '@example.org', 'p' || n || '@example.org', md5(n::text), n, array[n::bigint],
       case when n % 100 = 3 then 'opted_out' when n % 20 = 7 then 'absent' else 'active' end, md5(n::text),
       jsonb_build_object('FNAME', 'Ann', 'LNAME', 'Number ' || n), array[(n % 20 + 1)::bigint],
       case when n % 100 = 3 then 'opted_out'
            when n % 20 = 7 then (array['address_taken', 'compliance', 'deferred', 'field_refused:FNAME'])[n / 20 % 4 + 1]
       end,
       case when n % 20 in (3, 7) then now() - make_interval(secs => n % 9000000) end,
       case when n % 20 = 7 then now() + make_interval(secs => n % 90000) end
from generate_series(1, :people) as n;
insert into crm_sync.held_count (provider, kind, what, people)
select provider, 'state', state, count(*) from crm_sync.holding group by provider, state
union all
select provider, 'exception', reason, count(*) from crm_sync.holding where reason is not null group by provider, reason
union all
select provider, 'list', l::text, count(*) from crm_sync.holding cross join unnest(lists) as l where state = 'active'
group by provider, l;
insert into crm_sync.run (provider, airflow_run_id, mode, do_not_contact_scope, state, opened_at, extracted_at,
                          finished_at, folded_to)
select p, p || '__' || n, 'changes', 'contact', case when n % 6 = 0 then 'recorded' else 'idle' end, at, at, at, 9223372036854775807
from unnest(array['mailchimp', 'constant_contact']) as p, generate_series(1, :days * 144) as n,
     lateral (select now() - make_interval(mins => n * 10) as at) began;
insert into crm_sync.planned_operation
    (run_id, provider, verb, contact_id, subscriber_key, address, joins, planned_at)
select r.run_id, r.provider, 'update', c.n, 'p' || c.n || '@example.org', 'p' || c.n || '@example.org', '{1}', r.opened_at
from crm_sync.run r
cross join generate_series(1, 25) as g
cross join lateral (select (r.run_id * 7919 + g * 104729) % :people + 1 as n) c
where r.state = 'recorded' order by r.opened_at, r.run_id;
insert into crm_sync.outcome (run_id, operation_id, verb, status, reason)
select run_id, max(operation_id), 'update', 'refused', 'address_taken' from crm_sync.planned_operation group by run_id;
insert into crm_sync.call (run_id, provider, operation_ids, first_id, last_id, applied, answered_at)
select run_id, max(provider), array_agg(operation_id), min(operation_id), max(operation_id), count(*), now()
from crm_sync.planned_operation group by run_id;
insert into crm_sync.run_tally (run_id, verb, list_id, list_name, status, reason, operations, first_id, last_id)
select o.run_id, each.verb, each.list_id, each.list_name, each.status, each.reason, each.number, min(operation_id), max(operation_id)
from crm_sync.planned_operation o
cross join (values ('update', null::bigint, null, 'applied', null, 24), ('update', null, null, 'refused', 'address_taken', 1),
                   ('add_to_list', 1, 'List 1', 'applied', null, 25)) as each (verb, list_id, list_name, status, reason, number)
group by o.run_id, each.verb, each.list_id, each.list_name, each.status, each.reason, each.number;
insert into crm_sync.set_aside (run_id, provider, contact_id, reason, resolved_at)
select (select max(run_id) from crm_sync.run where provider = 'mailchimp' and state = 'recorded'), 'mailchimp', n,
       'address_not_valid', case when n % 4 = 1 then now() end
from generate_series(1, :people, 2) as n;
insert into crm_sync.cursor (provider, snapshot, is_whole) values ('mailchimp', '1:1:', true), ('constant_contact', '1:1:', true);
insert into crm_sync.last_read (provider, contact_id, row_hash)
select 'mailchimp', n, md5(n::text)::uuid from generate_series(1, :people) as n;
set session_replication_role = origin;
analyze;
