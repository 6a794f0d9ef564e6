update crm_sync.operation set status = 'applied', reason = null, settled_at = now() where operation_id = any (%(operation_ids)s::bigint[])
