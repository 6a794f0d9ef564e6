-- A list there belongs to one list of the CRM: whoever was given one that another has did not get it.
update crm_sync.outcome o set status = 'refused', reason = 'list_name_taken', remote_id = null
from crm_sync.planned_operation p
where p.operation_id = any (%(operation_ids)s::bigint[]) and p.verb = 'create_list' and o.run_id = p.run_id and o.operation_id = p.operation_id and o.status = 'applied'
  and exists (
    select from crm_sync.list_holding h
    where h.provider = p.provider and h.remote_id = o.remote_id and h.list_id <> p.list_id)
