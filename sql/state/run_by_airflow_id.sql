select run_id, provider, mode, dry_run, allow_removals, state, snapshot, crm_identity, since, until,
       allowed, allowed_by, question_id
from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s
