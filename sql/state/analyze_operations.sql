-- Right after a large plan was written, the planner of the load's queries would know nothing of it.
analyze crm_sync.planned_operation (run_id, provider, verb, subject)
