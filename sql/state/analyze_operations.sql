-- Right after a plan was written, the planner of the load's queries would know nothing of it.
analyze crm_sync.operation (run_id, provider, verb, status, subject, list_id)
