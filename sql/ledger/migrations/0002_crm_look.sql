-- What reading a CRM without a change log cost, from which follows how often it is compared.

create table crm_sync.crm_look (
    provider   text primary key,
    digest     text not null,
    looked_at  timestamptz not null,
    seconds    double precision not null
);
comment on table crm_sync.crm_look is
    'The last comparison of a CRM that keeps no change log: what it saw, and how long it took.';
