-- Whose own call fails while those of others are answered: tried again later, and no trouble of the run.
update crm_sync.operation
set status = 'deferred', isolated = true, reason = %(reason)s, sent_at = coalesce(%(sent_at)s, sent_at), settled_at = now()
where operation_id = any (%(operation_ids)s::bigint[])
