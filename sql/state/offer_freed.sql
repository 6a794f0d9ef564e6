-- Whoever was refused for the address that another person had is due in the run that takes it from that one.
update crm_sync.holding w set retry_at = %(now)s
from crm_sync.desired d
where w.provider = %(provider)s and w.reason = any (%(reasons)s::text[]) and d.run_id = %(run_id)s and d.subject = w.subject and d.wanted
  and exists (
      select from crm_sync.holding h
      left join crm_sync.desired o on o.run_id = %(run_id)s and o.subject = h.subject
      where h.provider = w.provider and h.subject <> w.subject and h.state = 'active' and lower(btrim(h.address)) = lower(btrim(d.address))
        and (%(everyone)s or exists (select from crm_sync.scope_subject s where s.run_id = %(run_id)s and s.subject = h.subject))
        and (o.wanted and lower(btrim(o.address)) = lower(btrim(h.address))) is not true)
