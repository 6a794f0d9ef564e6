-- People who changed their address there, and whose address of the CRM somebody else has there now; and whoever is archived under an address
-- that the CRM has of somebody else. They are known by the address they are there by from now on.
select h.subject, lower(btrim(h.address)) as there
from crm_sync.holding h
where h.provider = %(provider)s and h.state <> 'absent' and lower(btrim(h.address)) <> h.subject
  and (exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = h.subject and not d.contact_ids && h.contact_ids)
       or (h.state = 'archived'
           and exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = lower(btrim(h.address)) and d.wanted)
           and not exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = h.subject and d.wanted)))
  and not exists (select from crm_sync.holding n where n.provider = h.provider and n.subject = lower(btrim(h.address)) and n.state <> 'absent')
