select (select array_agg(contact_id) from crm_sync.scope_contact where run_id = %(run_id)s) as contact_ids,
       (select array_agg(subject) from crm_sync.scope_subject where run_id = %(run_id)s) as subjects
