-- An opt-out that the CRM does not take keeps the person out everywhere, until it is written.
create table crm_sync.unwritten_opt_out (
    provider    text not null,
    subject     text not null,
    contact_id  bigint not null,
    list_id     bigint not null,
    reason      text not null,
    since       timestamptz not null default now(),
    tried_at    timestamptz not null default now(),
    primary key (provider, subject, contact_id, list_id),
    foreign key (provider, subject) references crm_sync.opt_out on delete cascade
);
comment on table crm_sync.unwritten_opt_out is 'Memberships on which the CRM did not let Do Not Contact be set for an opt-out; each run of the provider tries again.';

alter table crm_sync.run add column held_back jsonb;
comment on column crm_sync.run.held_back is 'Contacts whose opt-out, at whichever provider, the CRM did not have when the run read it, with the lists that are closed to them; null for all.';
alter table crm_sync.cursor add column held_back jsonb;
comment on column crm_sync.cursor.held_back is 'Whom the last recorded run held back: who is so no longer, or is now, is decided about anew.';

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
    select provider, 'list', null, null, list_id, reason, null from crm_sync.list_holding where reason is not null
    union all
    select provider, 'opt_out', contact_id, subject, list_id, reason, since from crm_sync.unwritten_opt_out
    union all
    -- At every other provider that holds them back for it.
    select c.provider, 'opt_out', h.contact_id::bigint, null, null, 'opt_out_unwritten', null
    from crm_sync.cursor c cross join lateral jsonb_object_keys(coalesce(c.held_back, '{}')) as h (contact_id)
    where not exists (select from crm_sync.unwritten_opt_out u where u.provider = c.provider and u.contact_id = h.contact_id::bigint);
