-- What one phase still has to send, in batches: consecutive rows with one batch number are one call.
select o.operation_id, o.verb, o.subject, o.address, o.from_subject, o.list_id, o.list_name,
       coalesce(o.remote_id, h.remote_id, f.remote_id) as remote_id, l.remote_id as remote_list_id, d.fields::text as fields,
       (dense_rank() over (order by b.kind, b.of_list, b.place))::bigint as batch
from crm_sync.operation o
join (
    select operation_id, kind, of_list, (row_number() over (partition by verb, of_list order by operation_id) - 1) / %(batch_size)s as place
    from (
        select operation_id, verb,
               case when verb in ('add_to_list', 'remove_from_list') then 'membership' else verb end as kind,
               case when verb in ('add_to_list', 'remove_from_list') then list_id end as of_list
        from crm_sync.operation
        where run_id = %(run_id)s and verb = any (%(verbs)s::text[]) and status in ('pending', 'sent')
    ) each_one
) b using (operation_id)
left join crm_sync.desired d on d.run_id = o.run_id and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
where not exists (
    select from crm_sync.operation p
    where %(waits_for_subscriber)s and p.run_id = o.run_id and p.subject = o.subject and p.operation_id <> o.operation_id
      and p.verb in ('suppress', 'change_address', 'create', 'update', 'enable') and p.status in ('pending', 'sent')
)
-- Who joins or leaves a list waits until that list is there.
and (o.verb not in ('add_to_list', 'remove_from_list') or l.remote_id is not null)
order by batch, o.operation_id
