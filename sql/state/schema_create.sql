create schema if not exists crm_sync;
create table crm_sync.migration (name text primary key, applied_at timestamptz not null default now());
