-- Calls that were answered: how many of their operations went as planned, and the ids that the provider has for them ('' for none).
update crm_sync.call c set answered_at = now(), applied = s.applied, remote_ids = nullif(s.remote_ids, '')::text[]
from unnest(%(call_ids)s::bigint[], %(applied)s::integer[], %(remote_ids)s::text[]) as s (call_id, applied, remote_ids)
where c.call_id = s.call_id
