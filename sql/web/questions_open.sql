-- The plan of each provider that is held, with what a person is asked.
select q.question_id, q.provider, q.run_id, q.asked_at, q.held_since, q.why, r.airflow_run_id
from crm_sync.question q join crm_sync.run r using (run_id)
where q.provider = any (%(providers)s::text[]) and q.status = 'open'
