update crm_sync.operation o set status = 'sent', ticket = s.ticket, sent_at = now()
from unnest(%(operation_ids)s::bigint[], %(tickets)s::text[]) as s (operation_id, ticket)
where o.operation_id = s.operation_id
