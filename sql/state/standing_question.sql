-- The question of the provider that is open, or approved and not used yet. Whoever asks decides about it: nobody else meanwhile.
select question_id, provider, run_id, mode, crm_identity, account, weighed, why, status, held_since, asked_at, answered_by, seen_run_id,
       (select snapshot from crm_sync.run r where r.run_id = seen_run_id) as seen_snapshot,
       (select marker::text from crm_sync.run r where r.run_id = seen_run_id) as seen_marker
from crm_sync.question where provider = %(provider)s and status in ('open', 'approved')
for update
