-- What did not simply go as planned, a row each; list_id: of a membership, else null.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, remote_id, isolated, sent_at)
select %(run_id)s, s.operation_id, s.verb, case when s.list_id is not null then array[s.list_id] end, s.status, nullif(s.reason, ''), nullif(s.remote_id, ''),
       %(isolated)s, coalesce(s.sent_at, (
           select max(c.sent_at) from crm_sync.call c
           where c.run_id = %(run_id)s and int8range(c.first_id, c.last_id, '[]') @> s.operation_id and s.operation_id = any (c.operation_ids)))
from unnest(%(operation_ids)s::bigint[], %(verbs)s::text[], %(list_ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(remote_ids)s::text[], %(sent_at)s::timestamptz[])
    as s (operation_id, verb, list_id, status, reason, remote_id, sent_at)
