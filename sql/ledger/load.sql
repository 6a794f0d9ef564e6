-- The stage load: calls in the order of their phases, and what each of them brought.

-- name: may_have_sent (run_id) -> boolean
-- Whether anything of the run has gone to the provider, or may have.
select exists (select from crm_sync.call where run_id = %(run_id)s)
    or exists (select from crm_sync.part where run_id = %(run_id)s and is_unfolded and settled is null);

-- name: to_send (run_id) -> verb, operations
-- How many operations of each verb a run planned, those that ride on its call with them; of memberships, those with
-- calls of their own.
select each.verb, sum(each.things)::bigint as operations
from crm_sync.planned_operation p
join crm_sync.run r on r.run_id = %(run_id)s
cross join lateral (
    select p.verb, 1 + cardinality(p.carried) as things where p.verb is not null and p.reason is null
    union all
    select 'add_to_list', cardinality(p.joins) + cardinality(p.leaves) - cardinality(p.carried)
    where p.joins <> p.carried or p.leaves <> '{}'
) each
where p.run_id = %(run_id)s and p.operation_id > r.folded_to
group by each.verb
having sum(each.things) > 0;

-- name: leave_lists_out (run_id, provider) -> rows touched
-- A list that is not there cannot travel with the call that enrolls its people: people who join it wait for a call of
-- its own, and is refused with the list where that was refused.
with missing as materialized (
    select p.operation_id, array_agg(l) as lists
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    cross join lateral unnest(p.joins) as l
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.carried <> '{}' and l = any (p.carried)
      and not exists (
        select from crm_sync.list_holding h
        where h.provider = %(provider)s and h.list_id = l and h.remote_id is not null)
    group by p.operation_id
)
update crm_sync.planned_operation p set carried = array(select l from unnest(p.carried) as l where l <> all (m.lists))
from missing m where p.operation_id = m.operation_id;

-- name: to_load (provider, run_id, waits_for_subscriber, verbs, batch_size, keeps_record) -> operation_id, verb,
--     subscriber_key,
--     address, from_subscriber_key, list_id, list_name, remote_id, remote_list_id, fields, cause, tries, batch
-- What one phase still has to send of verbs that stand for themselves, in batches: consecutive rows with one batch
-- number are one call, which takes batch_size of each verb. Someone whose own calls failed before gets a call alone,
-- after the others.
with doubtful as materialized (
    select h.subscriber_key, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- Answered, or worked on there.
    select unnest(operation_ids) as operation_id from crm_sync.call
    where run_id = %(run_id)s and (answered_at is not null or job is not null) and lists is null
), waiting as materialized (
    select subscriber_key from crm_sync.yet_to_come(%(run_id)s) as subscriber_key where %(waits_for_subscriber)s
), unsent as (
    select p.*, d.subscriber_key as alone, coalesce(d.tries, 0) as tries
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    left join doubtful d on d.subscriber_key = p.subscriber_key
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.verb = any (%(verbs)s::text[])
      and p.reason is null and p.operation_id not in (select operation_id from called)
      and not exists (select from crm_sync.outcome s
                      where s.run_id = %(run_id)s and s.operation_id = p.operation_id and s.lists is null)
), placed as (
    select *, (row_number() over (partition by verb, alone order by operation_id) - 1) / %(batch_size)s as place
    from unsent
)
select o.operation_id, o.verb,
       -- People known by address are addressed by the one at the provider, which they may have chosen themselves.
       case when position('@' in o.subscriber_key) > 0 then coalesce(nullif(lower(btrim(o.address)), ''),
           o.subscriber_key)
            else o.subscriber_key end as subscriber_key, o.address,
       case when position('@' in o.from_subscriber_key) > 0 then coalesce(lower(btrim(f.address)),
           o.from_subscriber_key)
            else o.from_subscriber_key end as from_subscriber_key,
       o.list_id, o.list_name, coalesce(h.remote_id, f.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, case when %(keeps_record)s then h.fields end)::text as fields, o.cause, o.tries,
       dense_rank() over (order by o.verb, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = o.subscriber_key
left join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = o.subscriber_key
left join crm_sync.holding f on f.provider = %(provider)s and f.subscriber_key = o.from_subscriber_key
left join crm_sync.list_holding l on l.provider = %(provider)s and l.list_id = o.list_id
where not %(waits_for_subscriber)s or o.subscriber_key not in (select subscriber_key from waiting)
order by o.verb, o.alone nulls first, o.place, o.operation_id;

-- name: to_load_together (provider, run_id, waits_for_subscriber, verbs, batch_size, keeps_record) ->
--     operation_id, verb,
--     subscriber_key, address, from_subscriber_key, list_id, list_name, remote_id, remote_list_id, fields,
--     remote_lists, cause, tries, batch
-- What one phase still has to send where a call may take several operations of one person: a membership that rides on
-- another verb's call is in the batch of its subscriber, and people of one bundle share calls. Sizes count people.
-- Else as to_load.
with doubtful as materialized (
    select h.subscriber_key, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- 0: its verb.
    select unnest(operation_ids) as operation_id, coalesce(list_id, 0) as list_id from crm_sync.call
    left join lateral unnest(lists) as list_id on true
    where run_id = %(run_id)s and (answered_at is not null or job is not null)
), waiting as materialized (
    select subscriber_key from crm_sync.yet_to_come(%(run_id)s) as subscriber_key where %(waits_for_subscriber)s
), made as materialized (
    -- People created by this run are not in the ledger yet.
    select distinct on (subscriber_key) subscriber_key, remote_id
    from (
        select p.subscriber_key, t.remote_id, p.operation_id
        from crm_sync.call c cross join lateral unnest(c.operation_ids, c.remote_ids) as t (operation_id, remote_id)
        join crm_sync.planned_operation p on p.operation_id = t.operation_id
        where c.run_id = %(run_id)s and c.remote_ids is not null and t.remote_id <> ''
          and p.verb in ('create', 'update', 'enable')
        union all
        select p.subscriber_key, o.remote_id, p.operation_id
        from crm_sync.outcome o join crm_sync.planned_operation p using (run_id, operation_id)
        where o.run_id = %(run_id)s and o.status = 'applied' and o.remote_id is not null
          and o.verb in ('create', 'update', 'enable')
    ) each
    order by subscriber_key, operation_id desc
), unsent as (
    select p.operation_id, p.provider, p.verb, p.subscriber_key, p.address, p.from_subscriber_key, p.list_id,
        p.list_name, p.carried_by, p.is_own, p.cause, d.subscriber_key as alone, coalesce(d.tries, 0) as tries,
           coalesce(p.carried_by, p.verb) as part,
           coalesce(p.bundle, case when p.own_call_of is not null then p.list_id::text end, '') as bundle
    from crm_sync.part p left join doubtful d using (subscriber_key)
    where p.run_id = %(run_id)s and p.is_unfolded and p.settled is null
      and coalesce(p.carried_by, p.verb) = any (%(verbs)s::text[])
      and (p.operation_id, coalesce(p.own_call_of, 0)) not in (select operation_id, list_id from called)
), with_first as (
    select *, min(operation_id) over (partition by part, bundle,
        coalesce(subscriber_key, operation_id::text)) as first_id
    from unsent
), placed as (
    select *, case when part in ('add_to_list', 'remove_from_list') then 'membership' else part end as kind,
           (dense_rank() over (partition by part, bundle, alone order by first_id) - 1) / %(batch_size)s as place
    from with_first
)
select o.operation_id, o.verb,
       -- People known by address are addressed by the one at the provider, which they may have chosen themselves.
       case when position('@' in o.subscriber_key) > 0 then coalesce(nullif(lower(btrim(o.address)), ''),
           o.subscriber_key)
            else o.subscriber_key end as subscriber_key, o.address,
       case when position('@' in o.from_subscriber_key) > 0 then coalesce(lower(btrim(f.address)),
           o.from_subscriber_key)
            else o.from_subscriber_key end as from_subscriber_key,
       o.list_id, o.list_name,
       coalesce(h.remote_id, f.remote_id, made.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, case when %(keeps_record)s then h.fields end)::text as fields,
       array(select k.remote_id from crm_sync.list_holding k
             where k.provider = o.provider and k.list_id = any (h.lists))::text as remote_lists,
       o.cause, o.tries, dense_rank() over (order by o.kind, o.bundle, o.alone nulls first, o.place) as batch
from placed o
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = o.subscriber_key
left join crm_sync.holding h on h.provider = o.provider and h.subscriber_key = o.subscriber_key
left join crm_sync.holding f on f.provider = o.provider and f.subscriber_key = o.from_subscriber_key
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
left join made on made.subscriber_key = o.subscriber_key and h.remote_id is null
where (not %(waits_for_subscriber)s or o.subscriber_key not in (select subscriber_key from waiting))
-- Who joins a list, or leaves it by a call of its own, waits until that list is there.
  and (o.verb not in ('add_to_list', 'remove_from_list') or l.remote_id is not null
       or (o.verb = 'remove_from_list' and o.carried_by is not null))
order by o.kind, o.bundle, o.alone nulls first, o.place, o.operation_id, not o.is_own, o.list_id;

-- name: to_load_memberships (provider, run_id, waits_for_subscriber, batch_size) -> list_id, remote_list_id,
--     operation_ids, joins, subscriber_keys, addresses, remote_ids, tries
-- What is still to send of memberships that have calls of their own, a row for each call: of one list those who join
-- and those who leave, so many of each. People who join or leave wait until list and subscriber are there. Those whose
-- own calls failed before get a call each, after the others. People as JSON arrays, in one order.
with doubtful as materialized (
    select h.subscriber_key, h.tries from crm_sync.holding h where h.provider = %(provider)s and h.tries > 0
), called as materialized (
    -- Answered, or worked on there, or said without a call.
    select unnest(operation_ids) as operation_id, list_id from crm_sync.call cross join lateral unnest(lists) as list_id
    where run_id = %(run_id)s and (answered_at is not null or job is not null) and lists is not null
    union all
    select operation_id, unnest(lists) from crm_sync.outcome where run_id = %(run_id)s and lists is not null
), waiting as materialized (
    select subscriber_key from crm_sync.yet_to_come(%(run_id)s) as subscriber_key where %(waits_for_subscriber)s
), people as materialized (
    select p.operation_id, p.joins, p.leaves, p.carried, coalesce(p.address, '') as address,
           case when position('@' in p.subscriber_key) > 0 then coalesce(nullif(lower(btrim(p.address)), ''),
               p.subscriber_key)
                else p.subscriber_key end as subscriber_key,
           coalesce(h.remote_id, '') as remote_id, d.subscriber_key as alone, coalesce(d.tries, 0) as tries
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    left join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = p.subscriber_key
    left join doubtful d on d.subscriber_key = p.subscriber_key
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.subscriber_key not in (select subscriber_key
        from waiting)
), unsent as (
    select p.operation_id, p.address, p.subscriber_key, p.remote_id, p.alone, p.tries, m.joins, m.list_id
    from people p
    cross join lateral (
        select true as joins, unnest(p.joins) as list_id
        union all
        select false, unnest(p.leaves)
    ) m
    where m.list_id <> all (p.carried)
      and (p.operation_id, m.list_id) not in (select operation_id, list_id from called)
), placed as (
    select *,
           (row_number() over (partition by list_id, joins, alone order by operation_id) - 1) / %(batch_size)s as place
    from unsent
)
select o.list_id, l.remote_id as remote_list_id,
       array_to_json(array_agg(o.operation_id)) as operation_ids, array_to_json(array_agg(o.joins)) as joins,
       array_to_json(array_agg(o.subscriber_key)) as subscriber_keys, array_to_json(array_agg(o.address)) as addresses,
       array_to_json(array_agg(o.remote_id)) as remote_ids, max(o.tries) as tries
from placed o
join crm_sync.list_holding l on l.provider = %(provider)s and l.list_id = o.list_id and l.remote_id is not null
group by o.list_id, l.remote_id, o.alone, o.place
order by o.list_id, o.alone nulls first, o.place;

-- name: mark_sent (run_id, provider, operation_ids, lists, first_ids, last_ids) -> call_id, sent_at
-- A row for each call that is about to be made: its operations, and the lists whose memberships it changes (null:
-- their verbs).
insert into crm_sync.call (run_id, provider, operation_ids, lists, first_id, last_id)
select %(run_id)s, %(provider)s, c.operation_ids::bigint[], nullif(c.lists, '')::bigint[], c.first_id, c.last_id
from unnest(%(operation_ids)s::text[], %(lists)s::text[], %(first_ids)s::bigint[], %(last_ids)s::bigint[])
    with ordinality as c (operation_ids, lists, first_id, last_id, place)
order by place
returning call_id, sent_at;

-- name: settle_calls (call_ids, applied, remote_ids) -> rows touched
-- Calls that were answered: how many of their operations went as planned, and the ids that the provider has for them
-- ('' for none).
update crm_sync.call c set answered_at = now(), applied = s.applied, remote_ids = nullif(s.remote_ids, '')::text[]
from unnest(%(call_ids)s::bigint[], %(applied)s::integer[], %(remote_ids)s::text[]) as s (call_id, applied, remote_ids)
where c.call_id = s.call_id;

-- name: settle_parts (run_id, provider, operation_ids, lists, first_ids, last_ids, applied, remote_ids, jobs,
--     sent_at) -> rows touched
-- A part of a call that was made alone, and answered; or whose work goes on under a job of its own.
insert into crm_sync.call (run_id, provider, operation_ids, lists, first_id, last_id, applied, remote_ids, job,
                           sent_at, answered_at)
select %(run_id)s, %(provider)s, c.operation_ids::bigint[], nullif(c.lists, '')::bigint[], c.first_id, c.last_id,
       c.applied, nullif(c.remote_ids, '')::text[], nullif(c.job, ''), coalesce(c.sent_at, now()),
       case when c.job = '' then now() end
from unnest(%(operation_ids)s::text[], %(lists)s::text[], %(first_ids)s::bigint[], %(last_ids)s::bigint[],
            %(applied)s::integer[], %(remote_ids)s::text[], %(jobs)s::text[], %(sent_at)s::timestamptz[])
    as c (operation_ids, lists, first_id, last_id, applied, remote_ids, job, sent_at);

-- name: settle_outcomes (run_id, isolated, operation_ids, verbs, list_ids, statuses, reasons, remote_ids, sent_at) ->
--     rows touched
-- What did not simply go as planned, a row each; list_id: of a membership, else null.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, remote_id, isolated, sent_at)
select %(run_id)s, s.operation_id, s.verb, case when s.list_id is not null then array[s.list_id] end, s.status,
       nullif(s.reason, ''), nullif(s.remote_id, ''), %(isolated)s, coalesce(s.sent_at, (
           select max(c.sent_at) from crm_sync.call c
           where c.run_id = %(run_id)s and int8range(c.first_id, c.last_id, '[]') @> s.operation_id
             and s.operation_id = any (c.operation_ids)))
from unnest(%(operation_ids)s::bigint[], %(verbs)s::text[], %(list_ids)s::bigint[], %(statuses)s::text[],
            %(reasons)s::text[], %(remote_ids)s::text[], %(sent_at)s::timestamptz[])
    as s (operation_id, verb, list_id, status, reason, remote_id, sent_at);

-- name: refuse_shared_lists (operation_ids) -> rows touched
-- A list at the provider belongs to one list of the CRM: one that another list already has is refused.
update crm_sync.outcome o set status = 'refused', reason = 'list_name_taken', remote_id = null
from crm_sync.planned_operation p
where p.operation_id = any (%(operation_ids)s::bigint[]) and p.verb = 'create_list' and o.run_id = p.run_id
  and o.operation_id = p.operation_id and o.status = 'applied'
  and exists (
    select from crm_sync.list_holding h
    where h.provider = p.provider and h.remote_id = o.remote_id and h.list_id <> p.list_id);

-- name: list_settled (operation_ids) -> rows touched
-- A list that was just made or renamed is known at once, since the phases that follow need its remote id.
insert into crm_sync.list_holding as h (provider, list_id, remote_id, name, crm_name, run_id)
select p.provider, p.list_id, o.remote_id, p.list_name, e.name, p.run_id
from crm_sync.planned_operation p
join crm_sync.outcome o using (run_id, operation_id)
join crm_sync.extracted_list e on e.run_id = p.run_id and e.list_id = p.list_id
where p.operation_id = any (%(operation_ids)s::bigint[]) and o.status = 'applied'
  and p.verb in ('create_list', 'rename_list')
order by p.operation_id
on conflict (provider, list_id) do update
    set remote_id = coalesce(excluded.remote_id, h.remote_id), name = excluded.name, crm_name = excluded.crm_name,
        reason = null, retry_at = null, tries = 0, run_id = excluded.run_id;

-- name: refused_moves (run_id, reasons) -> contact_id, subscriber_key, from_subscriber_key, reason, address, lists,
--     held_address, held_lists
-- Address changes that the provider would not make on the old record, and that no replacement was planned for yet.
select o.contact_id, o.subscriber_key, o.from_subscriber_key, o.reason, d.address, d.lists::text as lists,
    h.address as held_address, h.lists::text as held_lists
from crm_sync.planned_operation m
join crm_sync.operation o on o.run_id = m.run_id and o.operation_id = m.operation_id and o.verb = m.verb
join crm_sync.desired d on d.run_id = o.run_id and d.subscriber_key = o.subscriber_key
left join crm_sync.holding h on h.provider = o.provider and h.subscriber_key = o.from_subscriber_key
where m.run_id = %(run_id)s and m.verb = 'change_address' and o.status = 'refused'
  and o.reason = any (%(reasons)s::text[])
  and not exists (
    select from crm_sync.planned_operation c
    where c.run_id = o.run_id and c.subscriber_key = o.subscriber_key and c.verb = 'create'
        and c.operation_id > o.operation_id);

-- name: keep_refused_moves (run_id) -> rows touched
-- Whose new address was refused is still held under the old one: there they leave the lists that the CRM took away.
with stays as materialized (
    select m.operation_id, m.provider, m.contact_id, m.from_subscriber_key, m.leaves_bundle,
           coalesce(h.address, m.from_subscriber_key) as address,
           array(select l from unnest(m.leaves) as l
                 where not exists (select from crm_sync.outcome d
                                   where d.run_id = m.run_id and d.operation_id = m.operation_id
                                     and d.verb = 'remove_from_list' and l = any (d.lists))) as leaves
    from crm_sync.planned_operation m
    join crm_sync.operation o on o.run_id = m.run_id and o.operation_id = m.operation_id and o.verb = 'change_address'
        and o.status = 'refused'
    left join crm_sync.holding h on h.provider = m.provider and h.subscriber_key = m.from_subscriber_key
    where m.run_id = %(run_id)s and m.verb = 'change_address' and m.leaves <> '{}' and o.is_unfolded
      and not exists (
        select from crm_sync.operation p
        where p.run_id = m.run_id and p.subscriber_key = m.subscriber_key and p.verb in ('change_address', 'create')
          and p.status <> 'refused')
), left_there as (
    update crm_sync.planned_operation m
    set leaves = array(select l from unnest(m.leaves) as l where l <> all (s.leaves))
    from stays s where m.operation_id = s.operation_id
)
insert into crm_sync.planned_operation (run_id, provider, contact_id, subscriber_key, address, leaves, leaves_bundle)
select %(run_id)s, provider, contact_id, from_subscriber_key, address, leaves, leaves_bundle from stays
    where leaves <> '{}';

-- name: refuse_dependants (run_id, provider) -> rows touched
-- Who was refused as a subscriber, or whose list was refused, cannot join a list: said without a call.
with lists_refused as materialized (
    select distinct p.list_id
    from crm_sync.planned_operation p
    join crm_sync.operation o using (run_id, operation_id)
    left join crm_sync.list_holding l on l.provider = p.provider and l.list_id = p.list_id
    where p.run_id = %(run_id)s and p.verb = 'create_list' and o.status = 'refused' and l.remote_id is null
    union
    select l.list_id from crm_sync.list_holding l
    where l.provider = %(provider)s and l.remote_id is null
      and not exists (
        select from crm_sync.planned_operation p join crm_sync.operation o using (run_id, operation_id)
        where p.run_id = %(run_id)s and p.verb = 'create_list' and p.list_id = l.list_id
          and o.status in ('pending', 'in_doubt', 'submitted'))
), subscribers_refused as materialized (
    select p.subscriber_key
    from (
        select distinct r.subscriber_key from crm_sync.not_applied r
        where r.run_id = %(run_id)s and r.status = 'refused' and r.verb in ('change_address', 'create', 'enable')
    ) those
    join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.subscriber_key = those.subscriber_key
        and p.verb in ('change_address', 'create', 'enable')
    join crm_sync.operation o on o.run_id = p.run_id and o.operation_id = p.operation_id and o.verb = p.verb
    group by p.subscriber_key
    having bool_or(o.status = 'refused') and not bool_or(o.status in ('applied', 'pending', 'in_doubt', 'submitted'))
), concerned as (
    select p.operation_id from crm_sync.planned_operation p join subscribers_refused using (subscriber_key)
    where p.run_id = %(run_id)s and p.joins <> '{}'
    union
    select p.operation_id from crm_sync.planned_operation p
    where p.run_id = %(run_id)s and (p.joins || p.leaves) && (select array_agg(list_id) from lists_refused)
), refused as (
    select o.operation_id, o.verb, o.list_id, o.sent_at,
           case when o.list_id in (select list_id from lists_refused) then 'list_refused'
                else 'subscriber_refused' end as reason
    from concerned c join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = c.operation_id
    where o.is_unfolded and o.verb in ('add_to_list', 'remove_from_list')
      and o.status in ('pending', 'in_doubt', 'submitted')
      and (o.list_id in (select list_id from lists_refused)
           or (o.verb = 'add_to_list' and o.subscriber_key in (select subscriber_key from subscribers_refused)))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, operation_id, verb, array_agg(list_id), 'refused', reason, max(sent_at) from refused
group by operation_id, verb, reason;

-- name: defer_dependants (run_id) -> rows touched
-- People whose own call fails neither join nor leave lists until that call has an outcome;
-- nor does anybody join a list whose own call fails.
with failed as materialized (
    select p.subscriber_key, p.list_id, min(o.reason) as reason
    from crm_sync.outcome o join crm_sync.planned_operation p using (run_id, operation_id)
    where o.run_id = %(run_id)s and o.status = 'deferred' and o.isolated
      and o.verb in ('create_list', 'change_address', 'create', 'enable')
    group by p.subscriber_key, p.list_id
), dependants as (
    select p.operation_id, f.reason, case when f.subscriber_key is null then f.list_id end as list_id
    from failed f join crm_sync.planned_operation p
        on p.run_id = %(run_id)s
        and (p.subscriber_key = f.subscriber_key
             or (f.subscriber_key is null and (f.list_id = any (p.joins) or f.list_id = any (p.leaves))))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, isolated, reason, sent_at)
select %(run_id)s, o.operation_id, o.verb, array_agg(distinct o.list_id), 'deferred', true, min(d.reason),
       max(o.sent_at)
from dependants d join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = d.operation_id
where o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'in_doubt')
  and (d.list_id is null or d.list_id = o.list_id)
group by o.operation_id, o.verb, o.sent_at is null;

-- name: defer_for_quota (run_id) -> rows touched
-- What can wait for the day's next calls. Jobs are not given up: the provider goes on with their work.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end,
       'deferred', 'daily_quota', max(sent_at)
from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and status in ('pending', 'in_doubt')
group by run_id, operation_id, verb, sent_at is null;

-- name: rest_until (again_at, run_id) -> rows touched
update crm_sync.run set calls_again_at = %(again_at)s where run_id = %(run_id)s;

-- name: to_collect (run_id, keeps_record) -> operation_id, verb, subscriber_key, address, from_subscriber_key,
--     list_id, list_name,
--     remote_id, remote_list_id, fields, job, call_id
-- Operations that were submitted and that the provider is still working on, by job.
with under_way as materialized (
    select call_id, job, lists, unnest(operation_ids) as operation_id from crm_sync.call
    where run_id = %(run_id)s and job is not null and answered_at is null
)
select o.operation_id, o.verb,
       -- People known by address are addressed by the one at the provider, which they may have chosen themselves.
       case when position('@' in o.subscriber_key) > 0 then coalesce(nullif(lower(btrim(o.address)), ''),
           o.subscriber_key)
            else o.subscriber_key end as subscriber_key, o.address,
       case when position('@' in o.from_subscriber_key) > 0 then coalesce(lower(btrim(f.address)),
           o.from_subscriber_key)
            else o.from_subscriber_key end as from_subscriber_key,
       o.list_id, o.list_name,
       h.remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, case when %(keeps_record)s then h.fields end)::text as fields, u.job, u.call_id
from under_way u
join crm_sync.part o on o.run_id = %(run_id)s and o.operation_id = u.operation_id and o.is_unfolded
    and o.settled is null and (u.lists is null) = (o.own_call_of is null)
    and (u.lists is null or o.own_call_of = any (u.lists))
    and not exists (
        select from crm_sync.calls_about(%(run_id)s, o.operation_id, o.own_call_of) c where c.answered_at is not null)
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = o.subscriber_key
left join crm_sync.holding h on h.provider = o.provider and h.subscriber_key = o.subscriber_key
left join crm_sync.holding f on f.provider = o.provider and f.subscriber_key = o.from_subscriber_key
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
order by u.job, o.operation_id, not o.is_own, o.list_id;

-- name: job_done (run_id, job) -> rows touched
-- Nobody has to ask about a job any more: what it was about has its outcome, or goes on under another one.
update crm_sync.call set job = null where run_id = %(run_id)s and job = %(job)s;

-- name: under_way (run_id) -> count
-- Operations whose work goes on at the provider.
select count(*) from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and status = 'submitted'
  and exists (select from crm_sync.call where run_id = %(run_id)s and job is not null and answered_at is null);

-- name: give_up_jobs (run_id, before) -> rows touched
-- Work that goes on at the provider for longer than anybody waits: what became of it the next plan, or a full run,
-- finds out. A rest until the provider's next day of calls is no waiting: the hours are counted again after it.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select run_id, operation_id, verb, case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end,
       'deferred', 'still_under_way', max(sent_at)
from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and status = 'submitted'
  and greatest(sent_at, (select r.calls_again_at from crm_sync.run r where r.run_id = %(run_id)s)) < %(before)s
group by run_id, operation_id, verb;

-- name: leave_in_doubt (operation_ids, verbs, list_ids) -> rows touched
-- What was under way when a later run opened: the next one asks again about these people and lists.
insert into crm_sync.doubt (provider, subscriber_key, from_subscriber_key, verb, list_id, contact_id, address)
select p.provider, p.subscriber_key, case when d.list_id = 0 then p.from_subscriber_key end, d.verb,
       coalesce(nullif(d.list_id, 0), p.list_id), p.contact_id, p.address
from unnest(%(operation_ids)s::bigint[], %(verbs)s::text[], %(list_ids)s::bigint[]) as d (operation_id, verb, list_id)
join crm_sync.planned_operation p using (operation_id);

-- name: synchronized_lists (provider) -> name
-- The lists that a provider holds, by their names there.
select name from crm_sync.list_holding where provider = %(provider)s and remote_id is not null order by name;

-- name: field_trouble (provider) -> reason
-- What the last load found to be wrong with the fields there.
select reason from crm_sync.field_trouble where provider = %(provider)s;

-- name: note_field_trouble (provider, reasons) -> rows touched
-- What is wrong with the fields there; what was found before and is not any more goes.
with over as (
    delete from crm_sync.field_trouble where provider = %(provider)s and reason <> all (%(reasons)s::text[])
)
insert into crm_sync.field_trouble (provider, reason)
select %(provider)s, unnest(%(reasons)s::text[])
on conflict (provider, reason) do nothing;
