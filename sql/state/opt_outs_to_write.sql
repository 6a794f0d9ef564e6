-- Who left, and the contacts for whom they were held; a row each, without a contact where none is known.
select o.subject, behind.contact_id
from (
    select provider, subject from crm_sync.opt_out
    where provider = %(provider)s and crm_written_at is null and lifted_at is null
    order by subject
    limit %(limit)s
) o
left join crm_sync.holding h on h.provider = o.provider and h.subject = o.subject
left join lateral unnest(h.contact_ids) as behind (contact_id) on true
order by o.subject
