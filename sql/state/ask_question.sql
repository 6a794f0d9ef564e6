-- A new question about a held plan, as question.sql reads it.
insert into crm_sync.question (provider, run_id, mode, crm_identity, account, weighed, why, held_since)
values (%(provider)s, %(run_id)s, %(mode)s, %(crm_identity)s, nullif(%(account)s, ''), %(weighed)s::jsonb, %(why)s, coalesce(%(held_since)s, now()))
returning question_id, provider, run_id, mode, crm_identity, account, weighed, why, status, held_since, asked_at, answered_by, seen_run_id,
       (select snapshot from crm_sync.run r where r.run_id = seen_run_id) as seen_snapshot,
       (select marker::text from crm_sync.run r where r.run_id = seen_run_id) as seen_marker
