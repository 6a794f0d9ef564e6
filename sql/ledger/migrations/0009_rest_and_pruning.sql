-- A load rests where it may not even ask about what it handed over, and what is remembered does not grow without end.

alter table crm_sync.run add column calls_again_at timestamptz;
comment on column crm_sync.run.calls_again_at is 'When the provider''s next day of calls begins, by the clock of the pipeline, where a load met the end of one.';

create table crm_sync.relied_on (
    provider text not null, kind text not null, subject text not null, key text not null, primary key (provider, kind, subject)
);
create index relied_on_by_key on crm_sync.relied_on (provider, kind, key);
comment on table crm_sync.relied_on is 'Which remembered answer the record of a subscriber was sent with: while it is held, the answer is not forgotten.';

create index looked_at_by_time on crm_sync.looked_at (looked_at);
