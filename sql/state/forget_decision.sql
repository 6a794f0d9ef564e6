-- People were told of a question that another has taken the place of: they are told of this one, with its link.
delete from crm_sync.alert
where provider = %(provider)s and kind = 'brake_waiting' and airflow_run_id <> %(airflow_run_id)s
