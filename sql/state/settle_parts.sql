-- A part of a call that was made alone, and answered; or whose work goes on under a ticket of its own.
insert into crm_sync.call (run_id, provider, operation_ids, lists, first_id, last_id, applied, remote_ids, ticket, sent_at, answered_at)
select %(run_id)s, %(provider)s, c.operation_ids::bigint[], nullif(c.lists, '')::bigint[], c.first_id, c.last_id, c.applied, nullif(c.remote_ids, '')::text[],
       nullif(c.ticket, ''), coalesce(c.sent_at, now()), case when c.ticket = '' then now() end
from unnest(%(operation_ids)s::text[], %(lists)s::text[], %(first_ids)s::bigint[], %(last_ids)s::bigint[], %(applied)s::integer[], %(remote_ids)s::text[],
            %(tickets)s::text[], %(sent_at)s::timestamptz[]) as c (operation_ids, lists, first_id, last_id, applied, remote_ids, ticket, sent_at)
