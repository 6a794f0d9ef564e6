-- A person has decided that this run may take away so many.
update crm_sync.run set allowed = %(allowed)s::jsonb, allowed_by = %(who)s where run_id = %(run_id)s
