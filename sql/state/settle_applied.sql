update crm_sync.operation set status = 'applied', reason = null, sent_at = %(sent_at)s, settled_at = now()
where operation_id = any (%(operation_ids)s::bigint[])
