-- What people were told is wrong and has not ended yet, so that they are told of each change, and not of each run.

create table crm_sync.alert (
    provider        text not null,
    kind            text not null check (kind in ('load_failed', 'connection_lost', 'many_refused', 'brake_waiting', 'late')),
    since           timestamptz not null default now(),
    airflow_run_id  text not null,
    met_again_in    text not null,
    primary key (provider, kind)
);
comment on table crm_sync.alert is 'What is wrong with a provider now, as people were told, once. airflow_run_id: the run that met it first, met_again_in: the last one.';
