-- What was sent and is still worked on at the provider, by ticket.
select o.operation_id, o.verb,
       -- Whoever is known by address is told by the one there, which they may have chosen themselves.
       case when position('@' in o.subject) > 0 then coalesce(nullif(lower(btrim(o.address)), ''), o.subject) else o.subject end as subject, o.address,
       case when position('@' in o.from_subject) > 0 then coalesce(lower(btrim(f.address)), o.from_subject) else o.from_subject end as from_subject,
       o.list_id, o.list_name,
       coalesce(o.remote_id, h.remote_id) as remote_id, l.remote_id as remote_list_id, coalesce(d.fields, h.fields)::text as fields, o.ticket
from crm_sync.operation o
left join crm_sync.desired d on d.run_id = o.run_id and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
where o.run_id = %(run_id)s and o.ticket is not null and o.status = 'sent'
order by o.ticket, o.operation_id
