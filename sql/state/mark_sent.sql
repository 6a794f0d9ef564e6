-- A row for each call that is about to be made: its operations, and the lists whose memberships it changes (null: their verbs).
insert into crm_sync.call (run_id, provider, operation_ids, lists, first_id, last_id)
select %(run_id)s, %(provider)s, c.operation_ids::bigint[], nullif(c.lists, '')::bigint[], c.first_id, c.last_id
from unnest(%(operation_ids)s::text[], %(lists)s::text[], %(first_ids)s::bigint[], %(last_ids)s::bigint[]) with ordinality as c (operation_ids, lists, first_id, last_id, place)
order by place
returning call_id, sent_at
