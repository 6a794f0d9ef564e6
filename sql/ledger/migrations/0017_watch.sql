-- Since when a provider is watched that has had no good run yet, or was switched off or paused for a time.

create table crm_sync.watch (
    provider  text primary key,
    since     timestamptz not null default now()
);
comment on table crm_sync.watch is 'Since when a provider is expected to have good runs: when it was first watched without any, or last seen switched off or paused.';
