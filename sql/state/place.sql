-- Who shares a call: memberships that the enrolling call takes along keep riding on it, the others get calls of their own.
with memberships as (
    select operation_id, subject, list_id, rides_on,
           case when rides_on is not null then 'enroll' when verb = 'add_to_list' then 'add' else 'remove' end as kind
    from crm_sync.operation
    where run_id = %(run_id)s and status = 'pending' and verb in ('add_to_list', 'remove_from_list')
      and (rides_on is null or (verb = 'add_to_list' and rides_on in ('create', 'update', 'enable')))
), people as (
    select subject, kind, max(rides_on) as rides_on, array_agg(list_id order by list_id)::text as lists from memberships group by subject, kind
), places as (
    select * from unnest(%(kind)s::text[], %(lists)s::text[], %(carried)s::text[], %(bundle)s::text[]) as p (kind, lists, carried, bundle)
), placed as (
    select m.operation_id, case when m.list_id = any (p.carried::bigint[]) then m.rides_on end as rides_on,
           case when m.list_id = any (p.carried::bigint[]) then p.carried else nullif(p.bundle, '') end as bundle
    from memberships m join people w using (subject, kind) join places p on p.kind = w.kind and p.lists = w.lists
    union all
    select o.operation_id, null, p.carried
    from people w join places p on p.kind = w.kind and p.lists = w.lists
    join crm_sync.operation o on o.run_id = %(run_id)s and o.subject = w.subject and o.verb = w.rides_on
    where w.kind = 'enroll'
)
update crm_sync.operation o set rides_on = placed.rides_on, bundle = placed.bundle from placed where o.operation_id = placed.operation_id
