-- Whoever is asked for by id and is not among those whom a full run reads: the next comparison expects as much.
update crm_sync.extracted e set row_hash = null
where e.run_id = %(run_id)s and not exists (select from pg_temp.seen s where s.contact_id = e.contact_id)
