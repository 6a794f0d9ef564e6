-- A question as people are told of it.
select q.question_id, q.provider, q.asked_at, q.weighed, q.why, q.status = 'open' as is_open, r.airflow_run_id
from crm_sync.question q join crm_sync.run r using (run_id)
where q.question_id = %(question_id)s
