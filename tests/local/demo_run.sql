-- What became of one Airflow run.
SELECT run_id, mode, state, planned, applied, refused, deferred, set_aside, notice
FROM crm_sync.run_summary
WHERE provider = %(provider)s AND airflow_run_id = %(airflow_run_id)s;
