-- A person has decided that so many may be taken away.
update crm_sync.run
set people_allowed = %(people)s, memberships_allowed = %(memberships)s, allowed_by = %(who)s
where run_id = %(run_id)s
