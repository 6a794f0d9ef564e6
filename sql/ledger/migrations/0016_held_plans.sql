-- A plan that the brake holds ends its run; the question to a person has a life of its own, and later runs go on meanwhile.

create table crm_sync.question (
    question_id     bigint generated always as identity primary key,
    provider        text not null,
    run_id          bigint not null,
    mode            text not null,
    crm_identity    text,
    weighed         jsonb not null,
    why             text not null,
    status          text not null default 'open'
                    check (status in ('open', 'approved', 'rejected', 'renewed', 'withdrawn', 'void', 'used')),
    held_since      timestamptz not null default now(),
    asked_at        timestamptz not null default now(),
    answered_by     text,
    ended_at        timestamptz,
    seen_run_id     bigint,
    taken_back      boolean not null default false
);
create unique index question_standing on crm_sync.question (provider) where status in ('open', 'approved');
create index question_of_run on crm_sync.question (run_id);
comment on table crm_sync.question is 'A plan that took away too much, with its numbers (weighed), and what a person decided. Of each provider one stands: open, or approved and not used yet.';
comment on column crm_sync.question.run_id is 'The run whose plan it is: its operations are kept to be looked at.';
comment on column crm_sync.question.held_since is 'When the first of the questions was asked that took each other''s place.';
comment on column crm_sync.question.taken_back is 'Whether Airflow was told that nobody has to decide any more.';
comment on column crm_sync.question.seen_run_id is 'The last run that it held: where nothing changed since, the next has nothing to do.';

alter table crm_sync.run add column question_id bigint, add column allowed jsonb not null default '{}';
comment on column crm_sync.run.question_id is 'The question that holds what this run planned: but for Do Not Contact nothing of it is sent. Null where the plan may be sent.';
comment on column crm_sync.run.allowed is 'How many of each kind a person (allowed_by) has let this run take away, besides what the brake lets through.';
alter table crm_sync.run drop column people_allowed, drop column memberships_allowed;
-- Held runs of before waited in Airflow; that question is gone with the upgrade.
update crm_sync.run set state = 'failed', finished_at = now() where state = 'held';

alter table crm_sync.operation drop constraint operation_status_check;
alter table crm_sync.operation add constraint operation_status_check
    check (status in ('pending', 'sent', 'applied', 'refused', 'deferred', 'held'));

alter table crm_sync.holding add column named boolean;
comment on column crm_sync.holding.named is 'Whether what was sent last had a name; null: not known.';

create or replace view crm_sync.run_summary as
    select r.run_id, r.provider, r.mode, r.dry_run, r.airflow_run_id, r.opened_at as started_at, r.finished_at, r.state, r.notice,
           coalesce(o.planned, 0) as planned, coalesce(o.applied, 0) as applied, coalesce(o.refused, 0) as refused,
           coalesce(o.deferred, 0) as deferred, coalesce(o.unsettled, 0) as unsettled, coalesce(s.set_aside, 0) as set_aside,
           coalesce(o.held, 0) as held
    from crm_sync.run r
    left join lateral (
        select count(*) as planned,
               count(*) filter (where status = 'applied') as applied,
               count(*) filter (where status = 'refused') as refused,
               count(*) filter (where status = 'deferred') as deferred,
               count(*) filter (where status in ('pending', 'sent')) as unsettled,
               count(*) filter (where status = 'held') as held
        from crm_sync.operation where run_id = r.run_id
    ) o on true
    left join lateral (select count(*) as set_aside from crm_sync.set_aside where run_id = r.run_id) s on true;

drop trigger tally_when_ended on crm_sync.run;
create trigger tally_when_ended after update of state on crm_sync.run
    for each row when (new.state in ('previewed', 'recorded', 'failed', 'held')) execute function crm_sync.tally_ended_run();

create function crm_sync.goes_with_do_not_contact(which bigint, who text, whom text, what bigint) returns boolean language sql stable as $function$
    select exists (select from crm_sync.operation s where s.run_id = which and s.verb = 'suppress' and s.subject = whom)
        or exists (select from crm_sync.opt_out o where o.provider = who and o.subject = whom and o.lifted_at is null)
        or exists (select from crm_sync.extracted e where e.run_id = which and e.subject = whom and what = any (e.flagged_lists))
$function$;
comment on function crm_sync.goes_with_do_not_contact(bigint, text, text, bigint) is
    'Whether a run takes a subscriber (whom) out of a list (what) because of Do Not Contact, or because the person left there.';
