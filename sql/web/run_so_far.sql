-- What a run under way has done so far. Stops counting at a bound: the page of a large run is not to slow it.
select verb, list_id, list_name, cause, status, reason, count(*) as operations, min(operation_id) as first_id, max(operation_id) as last_id
from (
    select o.operation_id, o.verb, o.list_id, coalesce(o.list_name, l.crm_name, l.name) as list_name, nullif(o.cause, '') as cause, o.status, o.reason
    from (select * from crm_sync.operation where run_id = %(run_id)s limit %(most)s) o
    left join crm_sync.list_holding l using (provider, list_id)
) each
group by verb, list_id, list_name, cause, status, reason
order by verb, list_name, cause, status, reason
