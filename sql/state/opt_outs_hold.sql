-- The ledger says what the provider says.
update crm_sync.holding h
set state = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end,
    reason = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end, refused_at = o.seen_at, retry_at = now()
from crm_sync.opt_out o
where o.provider = %(provider)s and o.lifted_at is null and h.provider = o.provider and h.subject = o.subject
  and (o.contact_ids is null or h.remote_id = o.remote_id or h.contact_ids && o.contact_ids)
  and h.state <> case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end
