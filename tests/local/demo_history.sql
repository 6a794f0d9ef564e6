SELECT verb, cause, status, reason, settled_at FROM crm_sync.person_history WHERE contact_id = :contact_id ORDER BY operation_id
