-- Who left, at one provider or (null) at any, and the contacts for whom they were held, by whatever address; a row each, without a contact
-- where none is known. The address is told where it refused itself: whoever else has it is concerned where none of those contacts is left.
-- What the CRM has refused already is tried by itself.
select o.subject, behind.contact_id, case when o.contact_ids is null then o.subject end as address
from (
    select provider, subject, remote_id, contact_ids from crm_sync.opt_out w
    where (provider = %(provider)s::text or %(provider)s::text is null) and crm_written_at is null and lifted_at is null
      and subject > %(after)s
      and not exists (select from crm_sync.unwritten_opt_out u where u.provider = w.provider and u.subject = w.subject)
    order by subject
    limit %(limit)s
) o
left join lateral (
    select unnest(h.contact_ids) as contact_id from crm_sync.holding h where h.provider = o.provider and h.remote_id = o.remote_id
    union
    select unnest(h.contact_ids) from crm_sync.holding h
    where h.provider = o.provider and h.subject = o.subject and o.contact_ids is null
      and not exists (select from crm_sync.holding i where i.provider = o.provider and i.remote_id = o.remote_id)
    union
    select unnest(o.contact_ids)
) behind on true
order by o.subject
