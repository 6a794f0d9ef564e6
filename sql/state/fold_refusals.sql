-- What was refused and not accepted afterwards stays as a row with its reason, and is offered again when it changes or its time has come.
with refused as (
    select distinct on (o.subject) o.provider, o.subject, o.address, o.reason, o.verb
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.status = 'refused' and o.subject is not null and o.reason not in ('subscriber_refused', 'list_gone')
      and not (o.verb = 'change_address' and exists (
          select from crm_sync.unfolded c where c.run_id = o.run_id and c.subject = o.subject and c.verb = 'create' and c.operation_id > o.operation_id))
      and not exists (
          select from crm_sync.unfolded later
          where later.run_id = o.run_id and later.subject = o.subject and later.operation_id > o.operation_id and later.status = 'applied'
            and later.list_id is not distinct from o.list_id)
    order by o.subject, o.operation_id desc
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, state, reason, refused_hash, refused_at, retry_at, run_id)
select r.provider, r.subject, d.contact_id, coalesce(d.contact_ids, '{}'), coalesce(d.address, r.address, r.subject),
       case when r.reason in ('opted_out', 'cleaned') then r.reason else 'absent' end, r.reason, d.payload_hash, now(),
       case when r.reason in ('opted_out', 'cleaned') then null else coalesce(now() + make_interval(hours => (%(rests)s::jsonb ->> r.reason)::integer), %(retry_at)s) end, %(run_id)s
from refused r
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = r.subject
on conflict (provider, subject) do update
    set state = case when excluded.state <> 'absent' then excluded.state when excluded.reason = 'archived_there' then 'archived' else h.state end,
        contact_id = coalesce(excluded.contact_id, h.contact_id),
        contact_ids = case when excluded.contact_id is null then h.contact_ids else excluded.contact_ids end,
        reason = excluded.reason, refused_hash = excluded.refused_hash, refused_at = excluded.refused_at, retry_at = excluded.retry_at, run_id = excluded.run_id,
        tries = 0, unanswered_verb = null
