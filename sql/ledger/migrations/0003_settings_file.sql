-- Which file of settings a run went on with: the next one notices if it is gone.

alter table crm_sync.run add column settings_file text;
comment on column crm_sync.run.settings_file is 'The file of settings that the run went on with; empty without one.';
