-- What a run left in the CRM to know it again by, and whether the CRM's change log was whole when it was read.
alter table crm_sync.run add column marker uuid, add column log_installed text;
comment on column crm_sync.run.marker is 'What its read left in crm.sync_marker of the CRM; null where it may not.';
comment on column crm_sync.run.log_installed is 'Which installation of the CRM''s change log its read found; null where that could have missed a change.';

alter table crm_sync.cursor add column marker uuid, add column log_installed text;
comment on column crm_sync.cursor.marker is 'The marker of the last read that counts: a CRM without it is an older image.';
comment on column crm_sync.cursor.log_installed is 'The change log of the last read that counts: another one may have missed what came between.';

create table crm_sync.installation (
    only_row boolean primary key default true check (only_row), state_id uuid not null default gen_random_uuid()
);
comment on table crm_sync.installation is 'Tells the markers of this state database from those of another one on the same CRM. Whoever copies the database for another purpose empties it.';

insert into crm_sync.installation default values;

create table crm_sync.marker (
    token uuid primary key default gen_random_uuid(), provider text not null, run_id bigint not null, made_at timestamptz not null default now()
);
create index marker_by_time on crm_sync.marker (made_at);
comment on table crm_sync.marker is 'Every marker that a read was about to leave in the CRM. One found there and not here is of a run that this database has forgotten: it is the older of the two.';
