update crm_sync.holding h
set subject = o.subject, address = o.address, remote_id = coalesce(o.remote_id, h.remote_id)
from crm_sync.unfolded o
where o.run_id = %(run_id)s and o.verb = 'change_address' and o.status = 'applied'
  and h.provider = o.provider and h.subject = o.from_subject
