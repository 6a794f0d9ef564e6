-- Who was refused as a subscriber, or whose list was refused, cannot join a list: said without a call.
update crm_sync.operation o
set status = 'refused', settled_at = now(), reason = case when l.remote_id is null then 'list_refused' else 'subscriber_refused' end
from crm_sync.operation same
left join crm_sync.list_holding l on l.provider = same.provider and l.list_id = same.list_id
where o.operation_id = same.operation_id and o.run_id = %(run_id)s and o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'sent')
  and (
    (l.remote_id is null and not exists (
        select from crm_sync.operation p where p.run_id = o.run_id and p.list_id = o.list_id and p.verb = 'create_list' and p.status in ('pending', 'sent')))
    or (o.verb = 'add_to_list' and exists (
            select from crm_sync.operation p where p.run_id = o.run_id and p.subject = o.subject and p.status = 'refused'
              and p.verb in ('change_address', 'create', 'enable'))
        and not exists (
            select from crm_sync.operation p where p.run_id = o.run_id and p.subject = o.subject
              and p.verb in ('change_address', 'create', 'enable') and p.status in ('applied', 'pending', 'sent')))
  )
