-- A refusal remembered under the new address makes room for the subscriber that moves there.
delete from crm_sync.holding h using crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
where p.run_id = %(run_id)s and p.verb = 'change_address' and o.verb = p.verb and o.status = 'applied'
  and h.provider = o.provider and h.subject = o.subject and h.state = 'absent'
