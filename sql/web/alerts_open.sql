-- What is wrong with each provider now, as people were told.
select provider, kind, since, met_again_in as airflow_run_id
from crm_sync.alert
where provider = any (%(providers)s::text[])
order by provider, since, kind
