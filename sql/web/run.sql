-- One run, by Airflow's name for it.
select run_id, provider, mode, dry_run, allow_removals, state, notice, opened_at, extracted_at, finished_at
from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s
