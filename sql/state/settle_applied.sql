update crm_sync.operation set status = 'applied', reason = null, sent_at = coalesce(%(sent_at)s, sent_at), settled_at = now()
where operation_id = any (%(operation_ids)s::bigint[])
