-- A run that is cleared keeps its operations, while others may have gone on since: so the ledger learns each outcome once, and a run
-- whose extract is older than what the ledger has learned from another is not replayed.
alter table crm_sync.run
    add column folded_to bigint not null default 0,
    add column folded_at timestamptz,
    add column left_over bigint not null default 0;
comment on column crm_sync.run.folded_to is 'The last operation of the run whose outcome the ledger has learned.';
comment on column crm_sync.run.folded_at is 'When the ledger learned from the run for the last time; opening it again does not take that away.';
comment on column crm_sync.run.left_over is 'Operations that its last pass should have sent, and left to the next run.';

update crm_sync.run r
set folded_at = r.finished_at,
    folded_to = coalesce((select max(operation_id) from crm_sync.operation o where o.run_id = r.run_id), 0),
    left_over = (select count(*) from crm_sync.operation o
                 where o.run_id = r.run_id and o.status = 'deferred' and coalesce(o.reason, '') not in ('planned_anew', 'daily_quota'))
where r.state in ('recorded', 'failed');

create view crm_sync.unfolded as
    select o.* from crm_sync.operation o join crm_sync.run r using (run_id) where o.operation_id > r.folded_to;
comment on view crm_sync.unfolded is 'Operations whose outcome the ledger has yet to learn.';
