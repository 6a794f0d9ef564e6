-- An error that follows one record is that record's row, tried again with growing pauses; and an opt-out that the CRM does not take is
-- known, so that it holds the person back until it is written.

alter table crm_sync.operation add column isolated boolean not null default false;
comment on column crm_sync.operation.isolated is 'Deferred because its own call fails while those of others do not: no trouble of the whole run.';
create or replace view crm_sync.unfolded as
    select o.* from crm_sync.operation o join crm_sync.run r using (run_id) where o.operation_id > r.folded_to;

alter table crm_sync.holding add column tries integer not null default 0;
comment on column crm_sync.holding.tries is 'How often in a row the calls about this subscriber alone have failed; 0 once one is answered.';
create index holding_tried_in_vain on crm_sync.holding (provider, subject) where tries > 0;
alter table crm_sync.list_holding add column tries integer not null default 0;
comment on column crm_sync.list_holding.tries is 'As crm_sync.holding.tries.';

alter table crm_sync.alert drop constraint alert_kind_check;
alter table crm_sync.alert add constraint alert_kind_check check (kind in
    ('load_failed', 'connection_lost', 'many_refused', 'brake_waiting', 'late', 'records_wait', 'opt_outs_unwritten'));
