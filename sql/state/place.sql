-- Who shares a call: memberships that the enrolling call takes along keep riding on it, the others get calls of their own.
with places as (
    select * from unnest(%(kind)s::text[], %(lists)s::text[], %(carried)s::text[], %(bundle)s::text[]) as p (kind, lists, carried, bundle)
), placed as (
    select p.operation_id, j.kind, coalesce(j.carried::bigint[], p.carried) as carried, nullif(j.bundle, '') as joins_bundle, nullif(l.bundle, '') as leaves_bundle,
           case when j.kind = 'enroll' then j.carried else p.bundle end as bundle
    from crm_sync.planned_operation p
    join crm_sync.run r using (run_id)
    left join places j on j.lists = p.joins::text and p.joins <> '{}'
        and j.kind = case when p.carried <> '{}' and p.verb in ('create', 'update', 'enable') then 'enroll' else 'add' end
    left join places l on l.lists = p.leaves::text and l.kind = 'remove'
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and (j.kind is not null or l.kind is not null)
)
update crm_sync.planned_operation p
set carried = case when placed.kind = 'enroll' then placed.carried else p.carried end, bundle = placed.bundle,
    joins_bundle = placed.joins_bundle, leaves_bundle = placed.leaves_bundle
from placed where p.operation_id = placed.operation_id
