-- Contacts that are not as they were last read: changed, new, or gone.
select coalesce(s.contact_id, l.contact_id) as contact_id
from pg_temp.seen s
full join (select contact_id, row_hash from crm_sync.last_read where provider = %(provider)s) l using (contact_id)
where s.row_hash is distinct from l.row_hash
