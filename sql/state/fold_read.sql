-- What this run read is what the next comparison begins with.
with looked_at as (
    select contact_id from crm_sync.scope_contact where run_id = %(run_id)s
    union all
    select contact_id from crm_sync.last_read where %(everyone)s and provider = %(provider)s
), gone as (
    delete from crm_sync.last_read l using looked_at s
    where l.provider = %(provider)s and l.contact_id = s.contact_id
      and not exists (select from crm_sync.extracted e where e.run_id = %(run_id)s and e.contact_id = l.contact_id)
)
insert into crm_sync.last_read as l (provider, contact_id, row_hash)
select distinct on (contact_id) %(provider)s, contact_id, row_hash from crm_sync.extracted where run_id = %(run_id)s
on conflict (provider, contact_id) do update set row_hash = excluded.row_hash where l.row_hash is distinct from excluded.row_hash
