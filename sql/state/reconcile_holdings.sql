-- After reading back: the ledger becomes what the provider holds. Whoever is gone there is forgotten here; whoever is there and
-- wanted by the CRM, or in one of our lists, is adopted by address. A stranger in one of our lists is not managed: leaves the list, stays there.
with seen as materialized (
    select v.subject, v.address, v.remote_id, v.payload_hash, v.status,
           coalesce(l.lists, '{}') as lists
    from crm_sync.observed v
    left join lateral (
        select array_agg(h.list_id order by h.list_id) as lists
        from crm_sync.list_holding h where h.provider = %(provider)s and h.remote_id = any (v.remote_lists)
    ) l on cardinality(v.remote_lists) > 0
    where v.run_id = %(run_id)s
), gone as (
    delete from crm_sync.holding h
    where h.provider = %(provider)s and h.state <> 'absent' and not exists (select from seen where seen.subject = h.subject)
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, remote_id, payload_hash, lists, state, reason, managed, run_id)
select %(provider)s, s.subject, d.contact_id, coalesce(d.contact_ids, '{}'), s.address, s.remote_id, s.payload_hash, s.lists,
       case s.status when 'subscribed' then 'active' when 'unsubscribed' then case when o.subject is null then 'suppressed' else 'opted_out' end when 'transactional' then 'archived' else s.status end,
       case s.status when 'unsubscribed' then case when o.subject is not null then 'opted_out' end when 'cleaned' then 'cleaned' when 'pending' then 'pending_confirmation' end,
       d.subject is not null, %(run_id)s
from seen s
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = s.subject
left join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = s.subject and o.lifted_at is null
left join crm_sync.holding known on known.provider = %(provider)s and known.subject = s.subject
where known.subject is not null or d.subject is not null or s.lists <> '{}'
on conflict (provider, subject) do update
    set address = excluded.address, remote_id = excluded.remote_id, payload_hash = excluded.payload_hash, lists = excluded.lists,
        contact_id = coalesce(h.contact_id, excluded.contact_id),
        contact_ids = case when h.contact_id is null then excluded.contact_ids else h.contact_ids end,
        state = excluded.state,
        reason = case when excluded.reason is null and h.state in ('opted_out', 'cleaned', 'pending', 'absent') then null
                      else coalesce(excluded.reason, h.reason) end,
        managed = h.managed or excluded.managed
