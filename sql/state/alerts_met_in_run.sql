-- Why a run failed, as people were told, though a later one has met the same since; the other kinds are no failure.
select count(*) from crm_sync.alert
where provider = %(provider)s and %(airflow_run_id)s in (airflow_run_id, met_again_in) and kind in ('load_failed', 'connection_lost')
