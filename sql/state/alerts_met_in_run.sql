-- Why a run failed, as people were told; the other kinds are no failure.
select count(*) from crm_sync.alert
where provider = %(provider)s and met_again_in = %(airflow_run_id)s and kind in ('load_failed', 'connection_lost')
