-- Whose new address was refused is still held under the old one: there they leave the lists that the CRM took away.
with stays as materialized (
    select m.operation_id, m.provider, m.contact_id, m.from_subject, m.leaves_bundle, coalesce(h.address, m.from_subject) as address,
           array(select l from unnest(m.leaves) as l
                 where not exists (select from crm_sync.outcome d where d.run_id = m.run_id and d.operation_id = m.operation_id and d.verb = 'remove_from_list' and l = any (d.lists))) as leaves
    from crm_sync.planned_operation m
    join crm_sync.operation o on o.run_id = m.run_id and o.operation_id = m.operation_id and o.verb = 'change_address' and o.status = 'refused'
    left join crm_sync.holding h on h.provider = m.provider and h.subject = m.from_subject
    where m.run_id = %(run_id)s and m.verb = 'change_address' and m.leaves <> '{}' and o.is_unfolded
      and not exists (
        select from crm_sync.operation p
        where p.run_id = m.run_id and p.subject = m.subject and p.verb in ('change_address', 'create') and p.status <> 'refused')
), left_there as (
    update crm_sync.planned_operation m set leaves = array(select l from unnest(m.leaves) as l where l <> all (s.leaves))
    from stays s where m.operation_id = s.operation_id
)
insert into crm_sync.planned_operation (run_id, provider, contact_id, subject, address, leaves, leaves_bundle)
select %(run_id)s, provider, contact_id, from_subject, address, leaves, leaves_bundle from stays where leaves <> '{}'
