-- Standing opt-outs of addresses.
select provider, subject, reason, seen_at from crm_sync.opt_out
where provider = any (%(providers)s::text[]) and subject = any (%(subjects)s::text[]) and lifted_at is null
