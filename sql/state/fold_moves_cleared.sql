-- A refusal remembered under the new address makes room for the subscriber that moves there.
delete from crm_sync.holding h using crm_sync.unfolded o
where o.run_id = %(run_id)s and o.verb = 'change_address' and o.status = 'applied'
  and h.provider = o.provider and h.subject = o.subject and h.state = 'absent'
