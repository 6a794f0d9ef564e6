-- Who was refused as a subscriber, or whose list was refused, cannot join a list: said without a call.
with lists_refused as materialized (
    select distinct p.list_id
    from crm_sync.planned_operation p
    join crm_sync.operation o using (run_id, operation_id)
    left join crm_sync.list_holding l on l.provider = p.provider and l.list_id = p.list_id
    where p.run_id = %(run_id)s and p.verb = 'create_list' and o.status = 'refused' and l.remote_id is null
    union
    select l.list_id from crm_sync.list_holding l
    where l.provider = %(provider)s and l.remote_id is null
      and not exists (
        select from crm_sync.planned_operation p join crm_sync.operation o using (run_id, operation_id)
        where p.run_id = %(run_id)s and p.verb = 'create_list' and p.list_id = l.list_id and o.status in ('pending', 'sent'))
), subjects_refused as materialized (
    select p.subject
    from (
        select distinct r.subject from crm_sync.not_applied r
        where r.run_id = %(run_id)s and r.status = 'refused' and r.verb in ('change_address', 'create', 'enable')
    ) those
    join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.subject = those.subject and p.verb in ('change_address', 'create', 'enable')
    join crm_sync.operation o on o.run_id = p.run_id and o.operation_id = p.operation_id and o.verb = p.verb
    group by p.subject
    having bool_or(o.status = 'refused') and not bool_or(o.status in ('applied', 'pending', 'sent'))
), concerned as (
    select p.operation_id from crm_sync.planned_operation p join subjects_refused using (subject) where p.run_id = %(run_id)s and p.joins <> '{}'
    union
    select p.operation_id from crm_sync.planned_operation p
    where p.run_id = %(run_id)s and (p.joins || p.leaves) && (select array_agg(list_id) from lists_refused)
), refused as (
    select o.operation_id, o.verb, o.list_id, o.sent_at,
           case when o.list_id in (select list_id from lists_refused) then 'list_refused' else 'subscriber_refused' end as reason
    from concerned c join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = c.operation_id
    where o.is_unfolded and o.verb in ('add_to_list', 'remove_from_list') and o.status in ('pending', 'sent')
      and (o.list_id in (select list_id from lists_refused)
           or (o.verb = 'add_to_list' and o.subject in (select subject from subjects_refused)))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, operation_id, verb, array_agg(list_id), 'refused', reason, max(sent_at) from refused group by operation_id, verb, reason
