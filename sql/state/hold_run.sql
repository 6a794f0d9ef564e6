-- The brake was pulled: the plan stands, to be looked at, and nothing of it is sent.
update crm_sync.run set state = 'held' where run_id = %(run_id)s
