update crm_sync.holding h
set subject = o.subject, address = o.address, remote_id = coalesce(o.remote_id, h.remote_id)
from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
where p.run_id = %(run_id)s and p.verb = 'change_address' and o.verb = p.verb and o.status = 'applied'
  and h.provider = o.provider and h.subject = o.from_subject
