-- What was last read of each contact, as a hash: a run that compares finds by it what no trigger saw.

create table crm_sync.last_read (
    provider    text not null,
    contact_id  bigint not null,
    row_hash    uuid,
    primary key (provider, contact_id)
);
comment on table crm_sync.last_read is 'A hash of what the last recorded read had of each contact, together with the rules it was read by; null: not among those whom a full run reads.';

alter table crm_sync.extracted add column row_hash uuid;
alter table crm_sync.run add column everyone boolean not null default false;
comment on column crm_sync.run.everyone is 'Whether its extract read every contact: in a full run, or where a comparison finds too many changed to read them one by one.';
alter table crm_sync.cursor add column is_whole boolean not null default false;
comment on column crm_sync.cursor.is_whole is 'Whether the ledger rests on what was last read, of everybody. Not where it learned something that no recorded run has decided about.';
update crm_sync.run set everyone = mode in ('full', 'compare');
