-- Who was refused as a subscriber, or whose list was refused, cannot join a list: said without a call.
with lists_refused as materialized (
    select distinct o.list_id
    from crm_sync.operation o
    left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
    where o.run_id = %(run_id)s and o.verb = 'create_list' and o.status = 'refused' and l.remote_id is null
    union
    select l.list_id from crm_sync.list_holding l
    where l.provider = %(provider)s and l.remote_id is null
      and not exists (select from crm_sync.operation p where p.run_id = %(run_id)s and p.verb = 'create_list' and p.list_id = l.list_id and p.status in ('pending', 'sent'))
), subjects_refused as materialized (
    select subject
    from crm_sync.operation
    where run_id = %(run_id)s and verb in ('change_address', 'create', 'enable')
    group by subject
    having bool_or(status = 'refused') and not bool_or(status in ('applied', 'pending', 'sent'))
)
update crm_sync.operation o
set status = 'refused', settled_at = now(),
    reason = case when o.list_id in (select list_id from lists_refused) then 'list_refused' else 'subscriber_refused' end
where o.run_id = %(run_id)s and o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'sent')
  and (o.list_id in (select list_id from lists_refused)
       or (o.verb = 'add_to_list' and o.subject in (select subject from subjects_refused)))
