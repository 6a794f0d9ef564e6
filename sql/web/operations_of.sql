-- The newest operations about a contact.
select o.operation_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.crm_name, l.name) as list_name, o.status, o.reason, nullif(o.cause, '') as cause,
       o.planned_at, o.settled_at, r.dry_run
from crm_sync.operation o
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
left join crm_sync.run r on r.run_id = o.run_id
where o.contact_id = %(contact_id)s and o.provider = any (%(providers)s::text[])
order by o.operation_id desc
limit 200
