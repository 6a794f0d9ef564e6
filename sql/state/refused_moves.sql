-- Address changes that the provider would not make on the old record, and that no replacement was planned for yet.
select o.contact_id, o.subject, o.from_subject, o.reason, d.address, d.lists::text as lists, h.address as held_address, h.lists::text as held_lists
from crm_sync.planned_operation m
join crm_sync.operation o on o.run_id = m.run_id and o.operation_id = m.operation_id and o.verb = m.verb
join crm_sync.desired d on d.run_id = o.run_id and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.from_subject
where m.run_id = %(run_id)s and m.verb = 'change_address' and o.status = 'refused' and o.reason = any (%(reasons)s::text[])
  and not exists (
    select from crm_sync.planned_operation c where c.run_id = o.run_id and c.subject = o.subject and c.verb = 'create' and c.operation_id > o.operation_id)
