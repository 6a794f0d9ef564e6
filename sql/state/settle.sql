update crm_sync.operation o
set status = s.status, reason = nullif(s.reason, ''), remote_id = coalesce(nullif(s.remote_id, ''), o.remote_id),
    sent_at = coalesce(%(sent_at)s, o.sent_at), settled_at = now()
from unnest(%(operation_ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(remote_ids)s::text[]) as s (operation_id, status, reason, remote_id)
where o.operation_id = s.operation_id
