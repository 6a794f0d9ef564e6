-- Contacts who are held back otherwise than by the last recorded run.
select coalesce(now.contact_id, before.contact_id)::bigint as contact_id
from (select h.* from crm_sync.run r cross join lateral jsonb_each(coalesce(r.held_back, '{}')) as h (contact_id, lists)
      where r.run_id = %(run_id)s) as now
full join (select h.* from crm_sync.cursor c cross join lateral jsonb_each(coalesce(c.held_back, '{}')) as h (contact_id, lists)
           where c.provider = %(provider)s) as before using (contact_id)
where now.lists is distinct from before.lists
