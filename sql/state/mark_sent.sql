update crm_sync.operation set status = 'sent', sent_at = now() where operation_id = any (%(operation_ids)s::bigint[]) and status in ('pending', 'sent')
