-- Who a large run is about was written a moment ago, and what the run before wrote may be news to the planner, too.
analyze crm_sync.scope_contact (run_id, contact_id), crm_sync.holding (provider, contact_id)
