-- Read as though the CRM had been told.
update crm_sync.extracted e
set flagged_lists = array(
    select l from unnest(e.lists) as l where l = any (e.flagged_lists) or h.lists = 'null' or h.lists @> to_jsonb(l) order by l)
from crm_sync.run r cross join lateral jsonb_each(r.held_back) as h (contact_id, lists)
where r.run_id = %(run_id)s and e.run_id = r.run_id and e.contact_id = h.contact_id::bigint
