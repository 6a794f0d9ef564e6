-- Whether it is new: only then its time is that of this transaction.
insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in)
values (%(provider)s, %(kind)s, %(airflow_run_id)s, %(airflow_run_id)s)
on conflict (provider, kind) do update set met_again_in = excluded.met_again_in
returning since = now() as is_new
