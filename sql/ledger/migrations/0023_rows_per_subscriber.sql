-- A planned operation is a row for each subscriber, with the lists to join and to leave; a call is a row, and so is what did not go as
-- planned. A first synchronization of a hundred thousand people in four lists writes a hundred thousand rows, not a million.

create table crm_sync.planned_operation (
    operation_id    bigint generated always as identity primary key,
    run_id          bigint not null,
    provider        text not null,
    verb            text,
    contact_id      bigint,
    subject         text,
    list_id         bigint,
    address         text,
    from_subject    text,
    list_name       text,
    cause           text,
    reason          text,
    joins           bigint[] not null default '{}',
    leaves          bigint[] not null default '{}',
    carried         bigint[] not null default '{}',
    bundle          text,
    joins_bundle    text,
    leaves_bundle   text,
    planned_at      timestamptz not null default now()
);
create index planned_by_run on crm_sync.planned_operation (run_id, operation_id);
create index planned_by_contact on crm_sync.planned_operation (contact_id) where contact_id is not null;
create index planned_by_subject on crm_sync.planned_operation (subject, provider) where subject is not null;
create index planned_of_lists on crm_sync.planned_operation (run_id) where list_id is not null;
comment on table crm_sync.planned_operation is 'What a run asks of a provider: a row for each subscriber, with the lists to join and leave, or for each list. crm_sync.operation has it a row for each membership, with its outcome.';
comment on column crm_sync.planned_operation.verb is 'What is asked about the subscriber, or the list (list_id), itself; null where memberships alone change.';
comment on column crm_sync.planned_operation.reason is 'Why the verb was refused before any call; null where it was not.';
comment on column crm_sync.planned_operation.carried is 'Of joins and leaves those that the call of the verb does along the way; the others have calls of their own.';
comment on column crm_sync.planned_operation.bundle is 'Subscribers of one bundle may share a call of their verb; joins_bundle and leaves_bundle: the set of lists of a membership call, null where each list has its own.';

create table crm_sync.call (
    call_id         bigint generated always as identity primary key,
    run_id          bigint not null,
    provider        text not null,
    lists           bigint[],
    operation_ids   bigint[] not null,
    first_id        bigint not null,
    last_id         bigint not null,
    applied         integer not null default 0,
    remote_ids      text[],
    ticket          text,
    sent_at         timestamptz not null default now(),
    answered_at     timestamptz
) with (fillfactor = 60);
create index call_by_run on crm_sync.call (run_id);
create index call_by_operations on crm_sync.call using gist (int8range(first_id, last_id, '[]'));
comment on table crm_sync.call is 'A call that was made, or was about to be: where nobody saw it answered (answered_at is null), it may have had its effect or not.';
comment on column crm_sync.call.lists is 'The lists whose memberships it changes; null where it asks for the verbs of its operations, and what rides on them.';
comment on column crm_sync.call.operation_ids is 'Its operations, between first_id and last_id.';
comment on column crm_sync.call.applied is 'How many operations, a membership being one, went as planned, and have no row in crm_sync.outcome.';
comment on column crm_sync.call.remote_ids is 'The provider''s ids of its subscribers, in the order of operation_ids; null where the answer has none.';
comment on column crm_sync.call.ticket is 'The work at the provider that will tell what became of it.';

create table crm_sync.outcome (
    run_id          bigint not null,
    operation_id    bigint not null,
    verb            text not null,
    lists           bigint[],
    status          text not null check (status in ('applied', 'refused', 'deferred', 'held')),
    reason          text,
    remote_id       text,
    isolated        boolean not null default false,
    sent_at         timestamptz,
    settled_at      timestamptz not null default now()
);
create index outcome_by_operation on crm_sync.outcome (run_id, operation_id);
comment on table crm_sync.outcome is 'What did not simply go as planned: refused, deferred, held, or applied with something to tell. lists: of memberships; null for the verb itself.';
comment on column crm_sync.outcome.isolated is 'Deferred because its own call fails while those of others do not: no trouble of the whole run.';
comment on column crm_sync.outcome.sent_at is 'When its call may have begun; null where none did.';

-- A small run must not read all holdings for the few that it looks for.
create index holding_absent on crm_sync.holding (provider, subject) where state = 'absent';
create index holding_by_reason on crm_sync.holding (provider, reason) where reason is not null;
create index opt_out_by_run on crm_sync.opt_out (run_id);

-- What was recorded before: a row for each membership as it was. What a load that died may have called was noted apart.
update crm_sync.operation o set status = 'sent', sent_at = marked.sent_at
from (select operation_id, max(sent_at) as sent_at from crm_sync.sent cross join lateral unnest(operation_ids) as operation_id group by operation_id) marked
where o.operation_id = marked.operation_id and o.status in ('pending', 'sent') and o.ticket is null;
insert into crm_sync.planned_operation (operation_id, run_id, provider, verb, contact_id, subject, list_id, address, from_subject, list_name, cause, joins, leaves, carried, planned_at)
overriding system value
select operation_id, run_id, provider, case when verb not in ('add_to_list', 'remove_from_list') then verb end, contact_id, subject,
       case when verb in ('create_list', 'rename_list', 'delete_list') then list_id end, address, nullif(from_subject, ''), list_name, nullif(cause, ''),
       case verb when 'add_to_list' then array[list_id] else '{}' end, case verb when 'remove_from_list' then array[list_id] else '{}' end, '{}', planned_at
from crm_sync.operation where list_id is not null or verb not in ('add_to_list', 'remove_from_list');
select setval(pg_get_serial_sequence('crm_sync.planned_operation', 'operation_id'), coalesce(max(operation_id), 0) + 1, false) from crm_sync.planned_operation;
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, remote_id, isolated, sent_at, settled_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array[list_id] end,
       status, reason, remote_id, isolated, sent_at, coalesce(settled_at, planned_at)
from crm_sync.operation
where status in ('refused', 'deferred', 'held') or (status = 'applied' and (reason is not null or remote_id is not null));
insert into crm_sync.call (run_id, provider, lists, operation_ids, first_id, last_id, applied, ticket, sent_at, answered_at)
select run_id, provider, case when verb in ('add_to_list', 'remove_from_list') then array[list_id] end, array[operation_id], operation_id, operation_id,
       (status = 'applied')::integer, ticket, coalesce(sent_at, planned_at), case when status = 'applied' then coalesce(settled_at, planned_at) end
from crm_sync.operation
where status = 'sent' or (status = 'applied' and reason is null and remote_id is null);

drop view crm_sync.unfolded, crm_sync.operation_counts, crm_sync.run_summary, crm_sync.person_history;
drop table crm_sync.operation, crm_sync.sent;

-- Each thing that is asked, a membership being one, with what the ledger has settled of it; null: not settled yet.
create view crm_sync.part as
    select p.operation_id, p.run_id, p.provider, each.verb, p.contact_id, p.subject, each.list_id, p.address,
           case when each.is_own then p.from_subject end as from_subject, p.list_name, case when each.is_own then p.cause end as cause,
           each.is_own, case when not each.is_own and each.list_id <> all (p.carried) then each.list_id end as own_call_of,
           case when not each.is_own and each.list_id = any (p.carried) then p.verb end as rides_on,
           case when each.is_own or each.list_id = any (p.carried) then p.bundle else each.bundle end as bundle,
           coalesce(o.status, case when each.is_own and p.reason is not null then 'refused' when p.operation_id <= r.folded_to then 'applied' end) as settled,
           coalesce(o.reason, case when each.is_own then p.reason end) as reason, o.remote_id, coalesce(o.isolated, false) as isolated,
           o.sent_at, o.settled_at, p.planned_at, p.operation_id > r.folded_to as is_unfolded
    from crm_sync.planned_operation p
    join crm_sync.run r using (run_id)
    cross join lateral (
        select p.verb, p.list_id, true as is_own, null::text as bundle where p.verb is not null
        union all
        select 'add_to_list', unnest(p.joins), false, p.joins_bundle
        union all
        select 'remove_from_list', unnest(p.leaves), false, p.leaves_bundle
    ) each
    left join crm_sync.outcome o on o.run_id = p.run_id and o.operation_id = p.operation_id and o.verb = each.verb
        and (each.is_own or each.list_id = any (o.lists));
comment on view crm_sync.part is 'Each thing that is asked of a provider, a membership being one. settled: what the ledger knows of it without a look at the calls; null: nothing yet.';

create function crm_sync.calls_about(which bigint, what bigint, of_list bigint) returns setof crm_sync.call language sql stable as $function$
    select c from crm_sync.call c
    where c.run_id = which and int8range(c.first_id, c.last_id, '[]') @> what and what = any (c.operation_ids)
      and (c.lists is null) = (of_list is null) and (of_list is null or of_list = any (c.lists))
$function$;
comment on function crm_sync.calls_about(bigint, bigint, bigint) is
    'The calls of a run (which) about a planned operation (what): those of its verb, or those that change its membership of a list (of_list).';

create view crm_sync.operation as
    select p.operation_id, p.run_id, p.provider, p.verb, p.contact_id, p.subject, p.list_id, p.address, p.from_subject, p.list_name, p.cause,
           coalesce(p.settled, case
               when exists (select from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c where c.answered_at is not null) then 'applied'
               when exists (select from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of)) then 'sent'
               else 'pending' end) as status,
           p.reason,
           coalesce(p.remote_id, case when p.is_own then (
               select nullif((c.remote_ids)[array_position(c.operation_ids, p.operation_id)], '') from crm_sync.calls_about(p.run_id, p.operation_id, null) c
               where c.remote_ids is not null order by c.call_id desc limit 1) end) as remote_id,
           p.rides_on, p.bundle,
           (select c.ticket from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c
            where c.ticket is not null order by c.call_id desc limit 1) as ticket,
           p.isolated, p.planned_at,
           coalesce(p.sent_at, (select max(c.sent_at) from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c)) as sent_at,
           coalesce(p.settled_at, (select max(c.answered_at) from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c)) as settled_at,
           p.is_unfolded
    from crm_sync.part p;
comment on view crm_sync.operation is 'Everything ever asked of a provider, a membership being one, with its outcome and reason. operation_id: the planned row of the subscriber, which all its memberships share.';

create function crm_sync.yet_to_come(which bigint) returns setof text language sql stable as $function$
    select p.subject
    from crm_sync.planned_operation p join crm_sync.run r on r.run_id = which
    where p.run_id = which and p.operation_id > r.folded_to
      and p.verb in ('suppress', 'change_address', 'create', 'update', 'enable') and p.reason is null and p.subject is not null
      -- Not "not exists": so many as there are, they are hashed, whatever the planner knows of them.
      and p.operation_id not in (
        select unnest(c.operation_ids) from crm_sync.call c where c.run_id = which and c.answered_at is not null and c.lists is null)
      and not exists (select from crm_sync.outcome o where o.run_id = which and o.operation_id = p.operation_id and o.lists is null)
$function$;
comment on function crm_sync.yet_to_come(bigint) is 'Subscribers whose own call in a run (which) has no outcome yet: they join and leave no list before, and are not archived.';

create view crm_sync.unfolded as select * from crm_sync.operation where is_unfolded;
comment on view crm_sync.unfolded is 'Operations whose outcome the ledger has yet to learn.';

create view crm_sync.not_applied as
    select p.operation_id, p.run_id, p.provider, o.verb, p.contact_id, p.subject, coalesce(p.list_id, l.list_id) as list_id, p.address,
           case when o.lists is null then p.from_subject end as from_subject, o.status, o.reason, o.isolated, o.sent_at
    from crm_sync.outcome o
    join crm_sync.run r using (run_id)
    join crm_sync.planned_operation p using (run_id, operation_id)
    left join lateral unnest(o.lists) as l (list_id) on true
    where o.status <> 'applied' and o.operation_id > r.folded_to
    union all
    select p.operation_id, p.run_id, p.provider, p.verb, p.contact_id, p.subject, p.list_id, p.address, p.from_subject, 'refused', p.reason, false, null
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.reason is not null and p.operation_id > r.folded_to;
comment on view crm_sync.not_applied is 'Operations that did not go as planned, as far as the ledger has yet to learn of it.';

create view crm_sync.operation_counts as
    select t.run_id, r.provider, t.verb, t.list_id, t.list_name, t.status, t.reason, sum(t.operations)::bigint as operations
    from crm_sync.run_tally t join crm_sync.run r using (run_id)
    group by t.run_id, r.provider, t.verb, t.list_id, t.list_name, t.status, t.reason
    union all
    -- Of a run that has not ended nothing is counted yet.
    select o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name), o.status, o.reason, count(*)
    from crm_sync.run r join crm_sync.operation o using (run_id)
    left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
    where r.state in ('open', 'planned')
    group by o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name), o.status, o.reason;
comment on view crm_sync.operation_counts is 'How many operations of each kind a run planned, by list, outcome and reason.';

create view crm_sync.run_summary as
    select r.run_id, r.provider, r.mode, r.dry_run, r.airflow_run_id, r.opened_at as started_at, r.finished_at, r.state, r.notice,
           p.planned, c.applied + o.applied as applied, p.refused + o.refused as refused, o.deferred,
           p.planned - p.refused - c.applied - o.applied - o.refused - o.deferred - o.held as unsettled, s.set_aside, o.held
    from crm_sync.run r
    cross join lateral (
        select coalesce(sum((verb is not null)::integer + cardinality(joins) + cardinality(leaves)), 0)::bigint as planned,
               count(reason) as refused
        from crm_sync.planned_operation where run_id = r.run_id
    ) p
    cross join lateral (select coalesce(sum(applied), 0)::bigint as applied from crm_sync.call where run_id = r.run_id) c
    cross join lateral (
        select coalesce(sum(things) filter (where status = 'applied'), 0)::bigint as applied,
               coalesce(sum(things) filter (where status = 'refused'), 0)::bigint as refused,
               coalesce(sum(things) filter (where status = 'deferred'), 0)::bigint as deferred,
               coalesce(sum(things) filter (where status = 'held'), 0)::bigint as held
        from (select status, coalesce(cardinality(lists), 1) as things from crm_sync.outcome where run_id = r.run_id) each
    ) o
    cross join lateral (select count(*) as set_aside from crm_sync.set_aside where run_id = r.run_id) s;
comment on view crm_sync.run_summary is 'One row for each run: what it planned and what became of it.';

create view crm_sync.person_history as
    select operation_id, contact_id, provider, subject, verb, list_id, status, reason, cause, planned_at, settled_at, run_id
    from crm_sync.operation
    where subject is not null;
comment on view crm_sync.person_history is 'Everything asked of a provider about a person; filter by contact_id or subject.';

-- Of a run that has ended the ledger knows what became of everything, without a look at its calls. By arithmetic, as in planned_counts.sql:
-- what was planned, less what has an outcome of its own.
create or replace function crm_sync.tally_run(which bigint) returns void language sql as $function$
    delete from crm_sync.run_tally where run_id = which;
    insert into crm_sync.run_tally (run_id, verb, list_id, list_name, cause, status, reason, operations, first_id, last_id)
    with planned as materialized (
        select p.provider, p.verb, p.list_id, max(p.list_name) as list_name, p.cause, p.reason, p.operation_id <= r.folded_to as is_folded,
               count(*) as operations, min(p.operation_id) as first_id, max(p.operation_id) as last_id
        from crm_sync.run r join crm_sync.planned_operation p using (run_id)
        where run_id = which and p.verb is not null group by p.provider, p.verb, p.list_id, p.cause, p.reason, p.operation_id <= r.folded_to
        union all
        select p.provider, 'add_to_list', l, null, null, null, p.operation_id <= r.folded_to, count(*), min(p.operation_id), max(p.operation_id)
        from crm_sync.run r join crm_sync.planned_operation p using (run_id) cross join unnest(p.joins) as l
        where run_id = which group by p.provider, l, p.operation_id <= r.folded_to
        union all
        select p.provider, 'remove_from_list', l, null, null, null, p.operation_id <= r.folded_to, count(*), min(p.operation_id), max(p.operation_id)
        from crm_sync.run r join crm_sync.planned_operation p using (run_id) cross join unnest(p.leaves) as l
        where run_id = which group by p.provider, l, p.operation_id <= r.folded_to
    ), apart as materialized (
        select p.provider, o.verb, coalesce(p.list_id, l) as list_id, max(p.list_name) as list_name, case when o.lists is null then p.cause end as cause, o.status, o.reason,
               p.operation_id <= r.folded_to as is_folded, count(*) as operations, min(p.operation_id) as first_id, max(p.operation_id) as last_id
        from crm_sync.run r join crm_sync.outcome o using (run_id) join crm_sync.planned_operation p using (run_id, operation_id)
        left join lateral unnest(o.lists) as l on true
        where run_id = which
        group by p.provider, o.verb, coalesce(p.list_id, l), case when o.lists is null then p.cause end, o.status, o.reason, p.operation_id <= r.folded_to
    ), told as (
        select p.provider, p.verb, p.list_id, p.list_name, p.cause, case when p.reason is not null then 'refused' when p.is_folded then 'applied' else 'pending' end as status, p.reason,
               p.operations - case when p.reason is null then coalesce((
                   select sum(a.operations) from apart a
                   where a.verb = p.verb and a.list_id is not distinct from p.list_id and a.cause is not distinct from p.cause and a.is_folded = p.is_folded), 0) else 0 end as operations,
               p.first_id, p.last_id
        from planned p
        union all
        select provider, verb, list_id, list_name, cause, status, reason, operations, first_id, last_id from apart
    )
    select which, t.verb, t.list_id, coalesce(max(t.list_name), max(l.crm_name), max(l.name)), t.cause, t.status, t.reason, sum(t.operations), min(t.first_id), max(t.last_id)
    from told t left join crm_sync.list_holding l using (provider, list_id)
    where t.operations > 0
    group by t.verb, t.list_id, t.cause, t.status, t.reason
$function$;

create or replace function crm_sync.goes_with_do_not_contact(which bigint, who text, whom text, what bigint) returns boolean language sql stable as $function$
    select exists (select from crm_sync.planned_operation s where s.run_id = which and s.provider = who and s.verb = 'suppress' and s.subject = whom)
        or exists (select from crm_sync.opt_out o where o.provider = who and o.subject = whom and o.lifted_at is null)
        or exists (select from crm_sync.extracted e where e.run_id = which and e.subject = whom and what = any (e.flagged_lists))
$function$;
