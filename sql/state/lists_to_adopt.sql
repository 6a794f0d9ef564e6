-- Lists of the CRM without one there, beside a list there that no list of the ledger is, under the name the plan would give:
-- how many people it has, and how many of them the CRM wants in it. Of several the one with most of them, and none for two.
with candidate as (
    select e.list_id, e.name as crm_name, o.name, o.remote_id, coalesce(o.members, 0) as members, coalesce(m.wanted, 0) as wanted, coalesce(m.seen, 0) as seen
    from crm_sync.extracted_list e
    join unnest(%(list_ids)s::bigint[], %(names)s::text[]) as target (list_id, name) on target.list_id = e.list_id
    join crm_sync.observed_list o on o.run_id = e.run_id and lower(btrim(o.name)) = lower(target.name)
    left join crm_sync.list_holding h on h.provider = %(provider)s and h.list_id = e.list_id and h.remote_id is not null
    left join crm_sync.list_holding taken on taken.provider = %(provider)s and taken.remote_id = o.remote_id
    left join lateral (
        select count(*) as seen, count(*) filter (where e.list_id = any (d.lists)) as wanted
        from crm_sync.observed v
        left join crm_sync.desired d on d.run_id = v.run_id and d.subject = v.subject
        where v.run_id = e.run_id and o.remote_id = any (v.remote_lists)
    ) m on true
    where e.run_id = %(run_id)s and h.list_id is null and taken.list_id is null
), for_each_list as (
    select distinct on (list_id) * from candidate order by list_id, wanted desc, remote_id
)
select distinct on (remote_id) * from for_each_list order by remote_id, list_id
