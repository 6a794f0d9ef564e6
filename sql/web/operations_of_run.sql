-- A page of the operations of a run: so many subscribers or lists, with all that is asked about each. Read along the key between the
-- run's first and last operation, so that a page costs the same wherever it begins.
select operation_id, verb, contact_id, list_name, cause, status, reason
from (
    select o.operation_id, o.verb, o.list_id, o.contact_id, coalesce(o.list_name, l.crm_name, l.name) as list_name, nullif(o.cause, '') as cause, o.status, o.reason,
           dense_rank() over (order by o.operation_id) as place
    from crm_sync.operation o
    left join crm_sync.list_holding l using (provider, list_id)
    where o.run_id = %(run_id)s and o.operation_id > %(after)s and o.operation_id between %(first_id)s and %(last_id)s
      and (%(verb)s::text is null or o.verb = %(verb)s)
      and (%(status)s::text is null or o.status = %(status)s)
      and (%(list_id)s::bigint is null or o.list_id = %(list_id)s)
      and (%(contact_id)s::bigint is null or o.contact_id = %(contact_id)s)
) each
where place <= %(rows)s
order by operation_id, list_id nulls first
