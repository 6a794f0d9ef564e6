-- The ledger says what the provider says: of whoever was seen to have left by this run, of whomever it asked for or looked at, and, where
-- it looks at everybody, of all.
with told as materialized (
    select * from crm_sync.opt_out where provider = %(provider)s and run_id = %(run_id)s and lifted_at is null
    union
    select o.* from crm_sync.planned_operation p join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = p.subject
    where p.run_id = %(run_id)s and o.lifted_at is null
    union
    select o.* from crm_sync.scope_subject s join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = s.subject
    where s.run_id = %(run_id)s and o.lifted_at is null
    union
    select * from crm_sync.opt_out where %(everyone)s and provider = %(provider)s and lifted_at is null
)
update crm_sync.holding h
set state = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end,
    reason = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end, refused_at = o.seen_at, retry_at = now()
from told o
where h.provider = %(provider)s and h.subject = o.subject
  and (o.contact_ids is null or h.remote_id = o.remote_id or h.contact_ids && o.contact_ids)
  and h.state <> case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end
