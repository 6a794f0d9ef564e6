-- A list there belongs to one list of the CRM: whoever was given one that another has did not get it.
update crm_sync.operation o set status = 'refused', reason = 'list_name_taken', remote_id = null
where o.operation_id = any (%(operation_ids)s::bigint[]) and o.verb = 'create_list' and o.status = 'applied'
  and exists (
    select from crm_sync.list_holding h
    where h.provider = o.provider and h.remote_id = o.remote_id and h.list_id <> o.list_id)
