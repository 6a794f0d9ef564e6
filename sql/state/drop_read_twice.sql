-- Contacts who were read with everybody, and again with one who shares their address.
delete from crm_sync.extracted e
where e.run_id = %(run_id)s and e.row_hash is null
  and exists (select from crm_sync.extracted first where first.run_id = e.run_id and first.contact_id = e.contact_id and first.row_hash is not null)
