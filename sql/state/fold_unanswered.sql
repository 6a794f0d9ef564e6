-- A call whose answer was lost may have had its effect: until it is known, the next plan asks again, whatever the CRM wants by then.
-- A subscriber that may have moved took its lists along.
with lost as (
    select o.provider, o.subject, o.from_subject, o.verb, o.list_id, o.operation_id
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.status = 'deferred' and o.sent_at is not null and o.subject is not null
      and not exists (
          select from crm_sync.unfolded later
          where later.run_id = o.run_id and later.subject = o.subject and later.operation_id > o.operation_id and later.status in ('applied', 'refused')
            and (later.list_id = o.list_id or (later.list_id is null and o.list_id is null)))
), people as (
    select provider, subject,
           (array_agg(verb order by operation_id desc) filter (where list_id is null))[1] as verb,
           coalesce(array_agg(distinct list_id) filter (where list_id is not null), '{}') as lists
    from (
        select provider, subject, verb, list_id, operation_id from lost
        union all
        select provider, from_subject, verb, null, operation_id from lost where verb = 'change_address'
        union all
        select f.provider, who.subject, null, unnest(f.lists), l.operation_id
        from lost l
        join crm_sync.holding f on f.provider = l.provider and f.subject = l.from_subject
        cross join lateral (values (l.subject), (l.from_subject)) as who (subject)
        where l.verb = 'change_address'
    ) asked
    group by provider, subject
)
update crm_sync.holding h
set unanswered_verb = coalesce(p.verb, h.unanswered_verb),
    unanswered_lists = array(select distinct unnest(h.unanswered_lists || p.lists) order by 1),
    retry_at = coalesce(h.retry_at, now())
from people p
where h.provider = p.provider and h.subject = p.subject
