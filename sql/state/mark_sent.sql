insert into crm_sync.sent (run_id, operation_ids) values (%(run_id)s, %(operation_ids)s::bigint[])
returning sent_at
