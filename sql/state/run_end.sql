select run_id, state, finished_at from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s
