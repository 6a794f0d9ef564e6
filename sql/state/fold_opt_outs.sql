-- An opt-out that only the push brought to light: of the address it was about, and of the person's in the CRM where that is another one.
with told as (
    select distinct on (o.subject) o.provider, o.subject, o.reason, h.remote_id, h.contact_ids,
           case when position('@' in o.subject) > 0 then coalesce(lower(btrim(o.address)), o.subject) else o.subject end as is_at
    from crm_sync.not_applied o
    left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
    where o.run_id = %(run_id)s and o.status = 'refused' and o.reason in ('opted_out', 'cleaned') and o.subject is not null
    order by o.subject, o.operation_id desc
), closed as (
    select distinct on (subject) provider, subject, reason, remote_id, contact_ids
    from (
        select provider, is_at as subject, reason, remote_id, null::bigint[] as contact_ids from told
        union all
        select provider, subject, reason, remote_id, contact_ids from told where is_at <> subject
    ) both_ways
    order by subject, contact_ids nulls first
)
insert into crm_sync.opt_out as o (provider, subject, reason, remote_id, contact_ids, run_id, account, crm_written_at)
select provider, subject, case reason when 'cleaned' then 'cleaned' else 'unsubscribed' end, remote_id, contact_ids, %(run_id)s,
       (select account from crm_sync.run where run_id = %(run_id)s), case reason when 'cleaned' then now() end
from closed
on conflict (provider, subject) do update
    set lifted_at = null, seen_at = now(), remote_id = coalesce(excluded.remote_id, o.remote_id), contact_ids = excluded.contact_ids, account = excluded.account
    where o.lifted_at is not null
