-- What the brake weighs: people and memberships that the plan takes away, beside what the ledger holds.
select
    (select count(*) from crm_sync.operation where run_id = %(run_id)s and status = 'pending' and verb in ('suppress', 'archive')) as people_removed,
    (select count(*) from crm_sync.holding where provider = %(provider)s and state = 'active' and managed) as people_held,
    (select count(*) from crm_sync.operation where run_id = %(run_id)s and status = 'pending' and verb = 'remove_from_list')
      + coalesce((select sum(p.people) from crm_sync.operation o join crm_sync.people_per_list p on p.provider = o.provider and p.list_id = o.list_id
                  where o.run_id = %(run_id)s and o.verb = 'delete_list' and o.status = 'pending'), 0)::bigint as memberships_removed,
    (select coalesce(sum(cardinality(lists)), 0)::bigint from crm_sync.holding where provider = %(provider)s and state = 'active') as memberships_held
