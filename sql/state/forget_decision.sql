-- A run that failed waits for nobody any more; its failure is what people are told.
delete from crm_sync.alert
where provider = %(provider)s and kind = 'brake_waiting' and met_again_in = %(airflow_run_id)s
