-- The first opt-out of contacts, or of addresses, at any provider, that the CRM does not have.
select o.provider, o.seen_at from crm_sync.opt_out o
where o.lifted_at is null and o.crm_written_at is null
  and (exists (select from crm_sync.unwritten_opt_out u
               where u.provider = o.provider and u.subject = o.subject and u.contact_id = any (%(contact_ids)s::bigint[]))
       or o.contact_ids && %(contact_ids)s::bigint[] or o.subject = any (%(subjects)s::text[]))
order by o.seen_at limit 1
