-- The planner of the queries to come would take what the stages before just wrote for one row, and compare everybody with everybody.
analyze crm_sync.desired (run_id, subject, contact_id), crm_sync.scope_subject, crm_sync.extracted (run_id, contact_id, subject), crm_sync.observed (run_id, subject)
