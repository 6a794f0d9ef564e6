-- The ledger learns each outcome once: a run that is cleared keeps its operations, and others may have gone on since.
alter table crm_sync.run add column folded_to bigint not null default 0;
comment on column crm_sync.run.folded_to is 'The last operation of the run whose outcome the ledger has learned.';

update crm_sync.run r set folded_to = coalesce((select max(operation_id) from crm_sync.operation o where o.run_id = r.run_id), 0)
where r.state in ('recorded', 'failed');

create view crm_sync.unfolded as
    select o.* from crm_sync.operation o join crm_sync.run r using (run_id) where o.operation_id > r.folded_to;
comment on view crm_sync.unfolded is 'Operations whose outcome the ledger has yet to learn.';
