analyze crm_sync.desired, crm_sync.scope_subject, crm_sync.holding, crm_sync.extracted, crm_sync.observed
