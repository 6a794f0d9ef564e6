-- To write "sent" into every operation before its call cost as much as to write its outcome. What may have been called is told here
-- instead, a row for some thousands; an operation gets the time with its outcome, or from here where the load died before that.
create table crm_sync.sent (
    run_id          bigint not null,
    operation_ids   bigint[] not null,
    sent_at         timestamptz not null default now()
);
comment on table crm_sync.sent is 'Operations whose call may have begun in a load that is under way, or died; empty otherwise.';

-- Written twice, planned and settled: a page with room for both lets the outcome leave the indexes alone.
alter table crm_sync.operation set (fillfactor = 45);
