update crm_sync.operation set status = 'deferred', reason = coalesce(reason, %(reason)s), settled_at = now()
where run_id = %(run_id)s and status in ('pending', 'sent')
