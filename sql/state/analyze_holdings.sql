-- A large run has just written them: what it was told, or what a full run found at the provider.
analyze crm_sync.holding (provider, subject, contact_id, state)
