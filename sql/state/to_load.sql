-- What one phase still has to send, in batches: consecutive rows with one batch number are one call. A membership that rides on
-- another verb's call is in the batch of its subscriber. Sizes count people.
select o.operation_id, o.verb, o.subject, o.address, o.from_subject, o.list_id, o.list_name,
       coalesce(o.remote_id, h.remote_id, f.remote_id, made.remote_id) as remote_id, l.remote_id as remote_list_id,
       coalesce(d.fields, h.fields)::text as fields,
       case when %(by_remote_id)s then array(select k.remote_id from crm_sync.list_holding k where k.provider = o.provider and k.list_id = any (h.lists))
       else '{}' end::text as remote_lists, (dense_rank() over (order by b.kind, b.bundle, b.place))::bigint as batch
from crm_sync.operation o
join (
    select operation_id, case when part in ('add_to_list', 'remove_from_list') then 'membership' else part end as kind, bundle,
           (dense_rank() over (partition by part, bundle order by first_id) - 1) / %(batch_size)s as place
    from (
        select operation_id, part, bundle, min(operation_id) over (partition by part, bundle, coalesce(subject, operation_id::text)) as first_id
        from (
            select operation_id, subject, coalesce(rides_on, verb) as part,
                   coalesce(bundle, case when rides_on is null and verb in ('add_to_list', 'remove_from_list') then list_id::text end, '') as bundle
            from crm_sync.operation
            where run_id = %(run_id)s and coalesce(rides_on, verb) = any (%(verbs)s::text[]) and status in ('pending', 'sent') and ticket is null
        ) each_one
    ) with_first
) b using (operation_id)
left join crm_sync.desired d on d.run_id = o.run_id and d.subject = o.subject
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join crm_sync.holding f on f.provider = o.provider and f.subject = o.from_subject
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
-- Whoever was made by this run is not in the ledger yet.
left join lateral (
    select m.remote_id from crm_sync.operation m
    where %(by_remote_id)s and m.provider = o.provider and m.subject = o.subject and m.run_id = o.run_id
      and m.verb in ('create', 'update', 'enable') and m.status = 'applied' and m.remote_id is not null
    order by m.operation_id desc limit 1
) made on h.remote_id is null
where not exists (
    select from crm_sync.operation p
    where %(waits_for_subscriber)s and p.run_id = o.run_id and p.subject = o.subject and p.operation_id <> o.operation_id
      and p.verb in ('suppress', 'change_address', 'create', 'update', 'enable') and p.status in ('pending', 'sent')
)
-- Who joins or leaves a list waits until that list is there.
and (o.verb not in ('add_to_list', 'remove_from_list') or l.remote_id is not null)
order by batch, o.operation_id
