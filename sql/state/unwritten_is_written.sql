-- A membership has the flag, or is none any more; the opt-out is written when that was the last of its memberships.
with written as (
    delete from crm_sync.unwritten_opt_out
    where provider = %(provider)s and subject = %(subject)s and contact_id = %(contact_id)s and list_id = %(list_id)s
)
update crm_sync.opt_out o set crm_written_at = now()
where o.provider = %(provider)s and o.subject = %(subject)s and o.crm_written_at is null
  and not exists (
    select from crm_sync.unwritten_opt_out u
    where u.provider = o.provider and u.subject = o.subject and (u.contact_id, u.list_id) <> (%(contact_id)s, %(list_id)s))
