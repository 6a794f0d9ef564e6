-- Questions that Airflow must ask, and those that it asks although nobody has to decide about them any more.
select q.question_id, q.provider, q.asked_at, q.weighed, q.why, q.status = 'open' as is_open, r.airflow_run_id
from crm_sync.question q join crm_sync.run r using (run_id)
where q.provider = %(provider)s and (q.status = 'open' or (q.status in ('renewed', 'withdrawn') and not q.taken_back))
order by q.question_id
