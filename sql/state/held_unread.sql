-- Contacts whom the ledger holds and a read of everybody in a list did not find.
select distinct c.contact_id
from crm_sync.holding h
cross join unnest(h.contact_ids) as c (contact_id)
where h.provider = %(provider)s and h.state = 'active'
  and not exists (select from crm_sync.extracted e where e.run_id = %(run_id)s and e.contact_id = c.contact_id)
