update crm_sync.set_aside s set resolved_at = now()
where s.provider = %(provider)s and s.resolved_at is null and s.run_id <> %(run_id)s
  and (%(everyone)s
       or s.contact_id in (select contact_id from crm_sync.scope_contact where run_id = %(run_id)s)
       or s.contact_id in (select contact_id from crm_sync.extracted where run_id = %(run_id)s))
