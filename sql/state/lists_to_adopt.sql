-- Lists of the CRM without one there, beside a list there that the ledger does not know and that has the name the plan would give
-- (of two lists of one name, the later is called "name (#id)"):
-- how many people it has, and how many of them the CRM wants in it.
select e.list_id, e.name as crm_name, o.name, o.remote_id, coalesce(o.members, 0) as members, coalesce(m.wanted, 0) as wanted, coalesce(m.seen, 0) as seen
from (
    select run_id, list_id, name,
           btrim(name) || case when row_number() over (partition by lower(btrim(name)) order by list_id) > 1 then ' (#' || list_id || ')' else '' end as target
    from crm_sync.extracted_list where run_id = %(run_id)s
) e
join crm_sync.observed_list o on o.run_id = e.run_id and lower(o.name) = lower(e.target)
left join crm_sync.list_holding h on h.provider = %(provider)s and h.list_id = e.list_id and h.remote_id is not null
left join crm_sync.list_holding taken on taken.provider = %(provider)s and taken.remote_id = o.remote_id
left join lateral (
    select count(*) as seen, count(*) filter (where e.list_id = any (d.lists)) as wanted
    from crm_sync.observed v
    left join crm_sync.desired d on d.run_id = v.run_id and d.subject = v.subject
    where v.run_id = e.run_id and o.remote_id = any (v.remote_lists)
) m on true
where e.run_id = %(run_id)s and h.list_id is null and taken.list_id is null
order by e.list_id
