select q.question_id, q.provider, q.run_id, q.mode, q.crm_identity, q.account, q.weighed, q.why, q.status, q.held_since, q.asked_at, q.answered_by, q.seen_run_id,
       (select snapshot from crm_sync.run r where r.run_id = q.seen_run_id) as seen_snapshot,
       (select marker::text from crm_sync.run r where r.run_id = q.seen_run_id) as seen_marker
from crm_sync.question q where q.question_id = %(question_id)s
for update
