-- Of some subscribers those whom the pipeline took away last: by the newest operation that was applied, else by the ledger.
select s.subject
from unnest(%(subjects)s::text[]) as s (subject)
left join crm_sync.holding h on h.provider = %(provider)s and h.subject = s.subject
left join lateral (
    select o.verb from crm_sync.operation o
    where o.provider = %(provider)s and o.subject = s.subject and o.status = 'applied'
    order by o.operation_id desc limit 1
) last on true
where coalesce(last.verb = 'archive', h.state = 'archived', false)
