-- Whom a large run is about was written a moment ago.
analyze crm_sync.scope_contact (run_id, contact_id)
