-- The last thing the provider accepted about each subscriber. Who was not held before is written with the lists at once: on a first
-- synchronization that is everybody, and nobody needs to be written again for them.
with last as (
    select distinct on (subject) provider, subject, verb, remote_id, address, reason
    from crm_sync.unfolded
    where run_id = %(run_id)s and status = 'applied' and verb in ('suppress', 'change_address', 'create', 'update', 'enable', 'archive')
    order by subject, operation_id desc
), joined as (
    select subject, array_agg(distinct list_id order by list_id) as lists
    from crm_sync.unfolded
    where run_id = %(run_id)s and status = 'applied' and verb = 'add_to_list'
    group by subject
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, remote_id, payload_hash, lists, state, fields, remark, run_id, named)
select l.provider, l.subject, d.contact_id, coalesce(d.contact_ids, '{}'),
       -- Who has another address there than in the CRM was asked about by it.
       case when lower(btrim(l.address)) <> l.subject then l.address else coalesce(d.address, l.address, l.subject) end, l.remote_id, d.payload_hash, coalesce(j.lists, '{}'),
       case l.verb when 'suppress' then 'suppressed' when 'archive' then 'archived' else 'active' end,
       case when %(keeps_record)s then d.fields end, l.reason, %(run_id)s,
       case when e.contact_id is not null then concat(btrim(e.first_name), btrim(e.last_name), btrim(e.organization_name)) <> '' end
from last l
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = l.subject
left join crm_sync.extracted e on e.run_id = %(run_id)s and e.contact_id = d.contact_id
left join joined j on j.subject = l.subject
on conflict (provider, subject) do update
    set contact_id = coalesce(excluded.contact_id, h.contact_id),
        contact_ids = case when excluded.contact_id is null then h.contact_ids else excluded.contact_ids end,
        address = case when excluded.state = 'active' then excluded.address else h.address end,
        payload_hash = case when excluded.state = 'active' then excluded.payload_hash else h.payload_hash end,
        named = case when excluded.state = 'active' then excluded.named else h.named end,
        fields = coalesce(excluded.fields, h.fields), remark = excluded.remark,
        remote_id = coalesce(excluded.remote_id, h.remote_id),
        state = excluded.state, managed = true, run_id = excluded.run_id,
        reason = null, refused_hash = null, refused_at = null, retry_at = null, tries = 0, unanswered_verb = null
