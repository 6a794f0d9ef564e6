-- A plan that would take away too much waits for a person. What was allowed, and by whom, is kept with the run.
alter table crm_sync.run drop constraint run_state_check;
alter table crm_sync.run add constraint run_state_check
    check (state in ('open', 'held', 'planned', 'idle', 'previewed', 'recorded', 'failed'));
alter table crm_sync.run
    add column people_allowed      integer not null default 0,
    add column memberships_allowed integer not null default 0,
    add column allowed_by          text;
comment on column crm_sync.run.people_allowed is 'How many people a person has let this run take away, besides what the brake lets through.';
