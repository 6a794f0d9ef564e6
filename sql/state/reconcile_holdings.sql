-- After reading back: the ledger becomes what the provider holds. Whoever is known by the provider's own id is the same person under
-- another address there, and keeps it; others are known by address. Whoever is gone there is forgotten here; whoever is there and
-- wanted by the CRM, or in one of our lists, is adopted. A stranger in one of our lists is not managed: leaves the list, stays there.
-- Who has there all that the CRM says is as wanted: a value that the CRM lacks, or that is none of its, is the marketers'. Nor is another
-- address there, that the person chose, a difference, nor a null, which cannot be held there.
with list_sets as materialized (
    -- People are many, and different sets of lists are few.
    select v.remote_lists, array(
               select h.list_id from crm_sync.list_holding h
               where h.provider = %(provider)s and h.remote_id = any (v.remote_lists) order by h.list_id) as lists
    from (select distinct remote_lists from crm_sync.observed where run_id = %(run_id)s) v
), twice as (
    select remote_id from crm_sync.holding where provider = %(provider)s and remote_id is not null group by remote_id having count(*) > 1
), as_held as materialized (
    -- Nearly everybody is there as the ledger says, known by one id and one address, and as the CRM wants; nothing is to be said of them.
    select v.subject
    from crm_sync.observed v
    join list_sets l on l.remote_lists = v.remote_lists
    join crm_sync.holding h on h.provider = %(provider)s and h.subject = v.subject and h.remote_id = v.remote_id and h.address = v.address
        and h.payload_hash = v.payload_hash and h.lists = l.lists
    join crm_sync.desired d on d.run_id = v.run_id and d.subject = v.subject and d.payload_hash = v.payload_hash
    where v.run_id = %(run_id)s and v.status = 'subscribed' and h.state = 'active' and h.reason is null and h.managed and h.contact_id is not null
      and v.remote_id not in (select remote_id from twice)
), known as materialized (
    select distinct on (remote_id) remote_id, subject
    from crm_sync.holding where provider = %(provider)s and remote_id is not null and subject not in (select subject from as_held)
    order by remote_id, (lower(btrim(address)) = subject) desc, subject
), seen as materialized (
    -- Whoever is there by the very address that the CRM has is that person, if need be before the one who is known by id; but an
    -- archived one is nobody.
    select distinct on (coalesce(k.subject, v.subject)) coalesce(k.subject, v.subject) as subject, v.subject as is_at,
           v.address, v.remote_id, v.payload_hash, v.fields, v.status, coalesce(l.lists, '{}') as lists
    from crm_sync.observed v
    left join known k on k.remote_id = v.remote_id
        and (k.subject = v.subject or not exists (select from crm_sync.observed w where w.run_id = v.run_id and w.subject = k.subject and w.status <> 'archived'
             and not exists (select from known o where o.remote_id = w.remote_id and o.subject <> k.subject)))
    left join list_sets l on l.remote_lists = v.remote_lists
    where v.run_id = %(run_id)s and v.subject not in (select subject from as_held)
      and coalesce(k.subject, v.subject) not in (select subject from as_held)
    order by coalesce(k.subject, v.subject), v.status = 'archived', (coalesce(k.subject, v.subject) = v.subject) desc, v.subject
), gone as (
    delete from crm_sync.holding h
    where h.provider = %(provider)s and h.state <> 'absent' and h.subject not in (select subject from seen) and h.subject not in (select subject from as_held)
), there as (
    select s.subject, d.contact_id, coalesce(d.contact_ids, '{}') as contact_ids, s.address, s.remote_id, s.lists,
           case when s.payload_hash <> d.payload_hash and (s.is_at <> s.subject or s.address = d.address) and s.fields @> said.values then d.payload_hash
                when s.is_at <> s.subject and d.subject is not null then md5(d.address || '|' || s.fields::text)
                else s.payload_hash end as payload_hash,
           case s.status when 'subscribed' then 'active' when 'unsubscribed' then case when o.subject is null then 'suppressed' else 'opted_out' end when 'transactional' then 'archived' else s.status end as state,
           case s.status when 'unsubscribed' then case when o.subject is not null then 'opted_out' end when 'cleaned' then 'cleaned' when 'pending' then 'pending_confirmation' end as reason,
           d.subject is not null as managed
    from seen s
    left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = s.subject
    left join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = s.is_at and o.lifted_at is null and o.contact_ids is null
    left join lateral (
        select coalesce(jsonb_object_agg(key, value) filter (where value <> '""' and s.fields -> key is distinct from 'null'), '{}') as values from jsonb_each(d.fields)
    ) said on s.payload_hash <> d.payload_hash
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, remote_id, payload_hash, lists, state, reason, managed, run_id)
select %(provider)s, t.subject, t.contact_id, t.contact_ids, t.address, t.remote_id, t.payload_hash, t.lists, t.state, t.reason, t.managed, %(run_id)s
from there t
left join crm_sync.holding known on known.provider = %(provider)s and known.subject = t.subject
where case when known.subject is null then t.managed or t.lists <> '{}'
      -- Nearly everybody is held as the ledger says, and is not written again.
      else (known.address, known.remote_id, known.payload_hash, known.lists, known.state, known.reason)
               is distinct from (t.address, t.remote_id, t.payload_hash, t.lists, t.state, t.reason)
           or known.contact_id is null or (t.managed and not known.managed) end
on conflict (provider, subject) do update
    set address = excluded.address, remote_id = excluded.remote_id, payload_hash = excluded.payload_hash, lists = excluded.lists,
        contact_id = coalesce(h.contact_id, excluded.contact_id),
        contact_ids = case when h.contact_id is null then excluded.contact_ids else h.contact_ids end,
        state = excluded.state,
        reason = case when excluded.reason is null and h.state in ('opted_out', 'cleaned', 'pending', 'absent') then null
                      else coalesce(excluded.reason, h.reason) end,
        managed = h.managed or excluded.managed
