-- A page of the operations of a run. Read along the key between the run's first and last operation, so that a page costs the same
-- wherever it begins.
select o.operation_id, o.verb, o.contact_id, coalesce(o.list_name, l.crm_name, l.name) as list_name, nullif(o.cause, '') as cause, o.status, o.reason
from crm_sync.operation o
left join crm_sync.list_holding l using (provider, list_id)
where o.run_id = %(run_id)s and o.operation_id > %(after)s and o.operation_id between %(first_id)s and %(last_id)s
  and (%(verb)s::text is null or o.verb = %(verb)s)
  and (%(status)s::text is null or o.status = %(status)s)
  and (%(list_id)s::bigint is null or o.list_id = %(list_id)s)
  and (%(contact_id)s::bigint is null or o.contact_id = %(contact_id)s)
order by o.operation_id
limit %(rows)s
