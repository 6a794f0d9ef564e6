-- Runs of the provider that began and did not end, other than the one of this Airflow run.
select run_id, airflow_run_id, state from crm_sync.run
where provider = %(provider)s and airflow_run_id <> %(airflow_run_id)s and state in ('open', 'planned')
order by run_id
