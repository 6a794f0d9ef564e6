-- The state of the pipeline: runs, what each stage hands to the next, the operations with their life, and the ledger.

create table crm_sync.run (
    run_id          bigint generated always as identity primary key,
    provider        text not null,
    airflow_run_id  text not null,
    mode            text not null check (mode in ('changes', 'full', 'backfill')),
    dry_run         boolean not null default false,
    allow_removals  boolean not null default false,
    since           timestamptz,
    until           timestamptz,
    state           text not null default 'open'
                    check (state in ('open', 'planned', 'idle', 'previewed', 'recorded', 'failed')),
    notice          text,
    snapshot        text,
    crm_identity    text,
    opened_at       timestamptz not null default now(),
    extracted_at    timestamptz,
    finished_at     timestamptz,
    unique (provider, airflow_run_id)
);
comment on table crm_sync.run is 'One run of one provider; state says how far it came, notice what was unusual about it.';

create table crm_sync.cursor (
    provider        text primary key,
    snapshot        text,
    crm_identity    text,
    polled_at       timestamptz,
    run_id          bigint
);
comment on table crm_sync.cursor is 'Where the next run begins: the CRM snapshot of the last recorded read, and the provider''s own time of the last poll for opt-outs.';

-- Handed from stage to stage, thrown away when a later run is recorded.

create table crm_sync.scope_contact (run_id bigint not null, contact_id bigint not null, primary key (run_id, contact_id));
comment on table crm_sync.scope_contact is 'The contacts a run looks at; empty for a full run, which looks at all.';

create table crm_sync.scope_subject (run_id bigint not null, subject text not null, primary key (run_id, subject));
comment on table crm_sync.scope_subject is 'The subscribers a run decides about: those of the ledger that its contacts are behind, and those of their present addresses.';

create table crm_sync.extracted_list (
    run_id bigint not null, list_id bigint not null, name text not null, kind text not null, primary key (run_id, list_id)
);

create table crm_sync.extracted (
    run_id              bigint not null,
    contact_id          bigint not null,
    kind                text not null,
    first_name          text,
    last_name           text,
    organization_name   text,
    address             text,
    subject             text,
    do_not_contact      boolean not null,
    lists               bigint[] not null,
    flagged_lists       bigint[] not null
);
create index extracted_by_subject on crm_sync.extracted (run_id, subject);

create table crm_sync.desired (
    run_id          bigint not null,
    subject         text not null,
    contact_id      bigint not null,
    contact_ids     bigint[] not null,
    address         text not null,
    fields          jsonb not null,
    payload_hash    text generated always as (md5(address || '|' || fields::text)) stored,
    lists           bigint[] not null,
    blocked         boolean not null,
    frozen          boolean not null,
    primary key (run_id, subject)
);
comment on table crm_sync.desired is 'What the CRM wants: one row for each subscriber. blocked: Do Not Contact. frozen: its data was set aside, so nothing new is sent for it.';

create table crm_sync.observed (
    run_id          bigint not null,
    subject         text not null,
    address         text not null,
    remote_id       text,
    status          text not null,
    fields          jsonb not null,
    payload_hash    text generated always as (md5(address || '|' || fields::text)) stored,
    remote_lists    text[] not null,
    primary key (run_id, subject)
);
comment on table crm_sync.observed is 'What a full run read back from the provider.';

create table crm_sync.observed_list (
    run_id bigint not null, remote_id text not null, name text not null, members bigint, primary key (run_id, remote_id)
);

-- Kept: every operation and set-aside row, and the ledger.

create table crm_sync.set_aside (
    run_id          bigint not null,
    provider        text not null,
    contact_id      bigint not null,
    reason          text not null,
    set_aside_at    timestamptz not null default now(),
    resolved_at     timestamptz,
    primary key (run_id, contact_id, reason)
);
create index set_aside_standing on crm_sync.set_aside (provider, contact_id) where resolved_at is null;

create table crm_sync.operation (
    operation_id    bigint generated always as identity primary key,
    run_id          bigint not null,
    provider        text not null,
    verb            text not null,
    contact_id      bigint,
    subject         text,
    list_id         bigint,
    address         text,
    from_subject    text,
    list_name       text,
    cause           text,
    status          text not null default 'pending' check (status in ('pending', 'sent', 'applied', 'refused', 'deferred')),
    reason          text,
    remote_id       text,
    planned_at      timestamptz not null default now(),
    sent_at         timestamptz,
    settled_at      timestamptz
) with (fillfactor = 70);
create index operation_by_run on crm_sync.operation (run_id, verb);
create index operation_by_contact on crm_sync.operation (contact_id) where contact_id is not null;
create index operation_by_subject on crm_sync.operation (provider, subject);
comment on table crm_sync.operation is 'Everything ever asked of a provider, with its outcome and reason.';

create table crm_sync.holding (
    provider        text not null,
    subject         text not null,
    contact_id      bigint,
    contact_ids     bigint[] not null default '{}',
    address         text not null,
    remote_id       text,
    payload_hash    text,
    lists           bigint[] not null default '{}',
    state           text not null check (state in ('active', 'suppressed', 'archived', 'opted_out', 'cleaned', 'pending', 'absent')),
    managed         boolean not null default true,
    reason          text,
    refused_hash    text,
    refused_at      timestamptz,
    retry_at        timestamptz,
    run_id          bigint,
    primary key (provider, subject)
) with (fillfactor = 80);
create index holding_by_contact on crm_sync.holding (provider, contact_id);
create index holding_of_several on crm_sync.holding using gin (contact_ids) where cardinality(contact_ids) > 1;
create index holding_to_retry on crm_sync.holding (provider, retry_at) where retry_at is not null;
comment on table crm_sync.holding is 'The ledger: what each provider holds of each subscriber, as it answered; never what we meant.';

create table crm_sync.list_holding (
    provider        text not null,
    list_id         bigint not null,
    remote_id       text,
    name            text,
    crm_name        text,
    reason          text,
    retry_at        timestamptz,
    run_id          bigint,
    primary key (provider, list_id)
);
comment on table crm_sync.list_holding is 'The lists at each provider: name is the one there, crm_name the one of the CRM that was last settled.';

create table crm_sync.opt_out (
    provider        text not null,
    subject         text not null,
    reason          text not null check (reason in ('unsubscribed', 'cleaned')),
    seen_at         timestamptz not null default now(),
    run_id          bigint,
    crm_written_at  timestamptz,
    lifted_at       timestamptz,
    primary key (provider, subject)
);
create index opt_out_to_write on crm_sync.opt_out (provider) where crm_written_at is null and lifted_at is null;
comment on table crm_sync.opt_out is 'Who refused mail at a provider. While lifted_at is null, the pipeline never subscribes the address there.';
