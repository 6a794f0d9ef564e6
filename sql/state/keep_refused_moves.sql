-- Whose new address was refused is still held under the old one: there they leave the lists that the CRM took away.
update crm_sync.operation o
set subject = m.from_subject, address = coalesce(h.address, m.from_subject)
from crm_sync.operation m
left join crm_sync.holding h on h.provider = m.provider and h.subject = m.from_subject
where o.run_id = %(run_id)s and o.verb = 'remove_from_list' and o.status in ('pending', 'sent')
  and m.run_id = o.run_id and m.subject = o.subject and m.verb = 'change_address' and m.status = 'refused'
  and not exists (
    select from crm_sync.operation p
    where p.run_id = o.run_id and p.subject = o.subject and p.verb in ('change_address', 'create') and p.status <> 'refused')
