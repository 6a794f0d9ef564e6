-- A first full run finds everybody at the provider and nobody in the ledger.
analyze crm_sync.holding (provider, subject, contact_id, state)
