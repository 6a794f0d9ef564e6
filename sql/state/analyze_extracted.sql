-- What transform joins was written a moment ago.
analyze crm_sync.extracted, crm_sync.set_aside
