-- The planner of the queries to come would take what the stages before just wrote for one row, and compare everybody with everybody.
analyze crm_sync.desired, crm_sync.scope_subject, crm_sync.holding, crm_sync.extracted, crm_sync.observed
