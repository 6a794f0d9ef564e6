-- Providers that take whole records instead of list memberships, and calls whose work goes on at the provider.

alter table crm_sync.extracted
    add column job_title text, add column phone text, add column website text,
    add column address_line1 text, add column address_line2 text, add column city text, add column state text,
    add column postal_code text, add column country text,
    add column statuses text[] not null default '{}', add column is_related boolean not null default false,
    add column memberships jsonb, add column organizations jsonb, add column list_memberships jsonb;

alter table crm_sync.desired add column wanted boolean, add column is_organization boolean not null default false;
update crm_sync.desired set wanted = not blocked and lists <> '{}';
alter table crm_sync.desired alter column wanted set not null;
comment on column crm_sync.desired.wanted is 'Whether the provider is to hold it active: it qualifies, and Do Not Contact does not keep it out.';

alter table crm_sync.set_aside add column holds_back boolean not null default true;
comment on column crm_sync.set_aside.holds_back is 'Whether nothing new is sent of the contact; otherwise only what the reason names is left out.';

alter table crm_sync.operation add column rides_on text, add column bundle text, add column ticket text;
comment on column crm_sync.operation.rides_on is 'The verb whose call does this membership along the way; null where it has a call of its own.';
comment on column crm_sync.operation.bundle is 'Operations of one bundle may share a call: one list, or one set of lists.';
comment on column crm_sync.operation.ticket is 'The work at the provider that will tell what became of it.';
-- Not by status, which every outcome changes: an index that looks at it has every index written with each of them.
create index operation_under_way on crm_sync.operation (run_id) where ticket is not null;

alter table crm_sync.holding add column fields jsonb, add column remark text;
comment on column crm_sync.holding.fields is 'What was sent last, where a later push must say it again; null elsewhere.';
comment on column crm_sync.holding.remark is 'What was left out of an accepted record, and why.';

create table crm_sync.calls (provider text not null, day date not null, calls bigint not null, primary key (provider, day));
comment on table crm_sync.calls is 'Calls made to a provider that counts them, by its own day (UTC).';

create table crm_sync.token (provider text primary key, sealed text not null, stored_at timestamptz not null default now());
comment on table crm_sync.token is 'Tokens of providers that rotate them, encrypted with Airflow''s Fernet key.';

create table crm_sync.remembered (
    provider text not null, kind text not null, key text not null, value jsonb not null, at timestamptz not null default now(),
    primary key (provider, kind, key)
);
comment on table crm_sync.remembered is 'Answers of a provider that need not be asked for twice.';

create or replace view crm_sync.exceptions as
    select provider, 'subscriber' as what, contact_id, subject, null::bigint as list_id, coalesce(reason, remark, state) as reason, refused_at as since
    from crm_sync.holding where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending')
    union all
    -- A preview, or a run that failed, looked at the same rows once more; that is no second exception.
    select s.provider, 'contact', s.contact_id, null, null, s.reason, min(s.set_aside_at)
    from crm_sync.set_aside s left join crm_sync.run r using (run_id)
    where s.resolved_at is null and coalesce(r.state, '') not in ('failed', 'previewed')
    group by s.provider, s.contact_id, s.reason
    union all
    select provider, 'list', null, null, list_id, reason, null from crm_sync.list_holding where reason is not null;
