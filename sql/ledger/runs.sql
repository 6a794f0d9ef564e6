-- Opens a run, stamps its stages, and closes it. A run that another has followed writes no more.

-- name: open_runs (provider, airflow_run_id) -> run_id, airflow_run_id, state
-- Runs of the provider that began and did not end, other than the one of this Airflow run.
select run_id, airflow_run_id, state from crm_sync.run
where provider = %(provider)s and airflow_run_id <> %(airflow_run_id)s and state in ('open', 'planned')
order by run_id;

-- name: provider_lock (provider) -> nothing
select pg_advisory_xact_lock(hashtext('crm_sync.open'), hashtext(%(provider)s));

-- name: keep_set_aside (run_id) -> rows touched
-- What a run has set aside, and recorded, stands before it is gone through once more: under the run's negative
-- number, until somebody looks again.
insert into crm_sync.set_aside (run_id, provider, contact_id, reason, set_aside_at, holds_back)
select -s.run_id, s.provider, s.contact_id, s.reason, s.set_aside_at, s.holds_back
from crm_sync.set_aside s
join crm_sync.run r using (run_id)
where r.run_id = %(run_id)s and r.state in ('recorded', 'held') and s.resolved_at is null
on conflict (run_id, contact_id, reason) do update
    set set_aside_at = excluded.set_aside_at, resolved_at = null, holds_back = excluded.holds_back;

-- name: take_fence (provider) -> token
-- From here on whatever an earlier run writes is refused; transactions that are about to commit are waited for.
insert into crm_sync.fence (provider, token) values (%(provider)s, nextval('crm_sync.run_token'))
on conflict (provider) do update set token = excluded.token
returning token;

-- name: newest_token (provider) -> token
select token from crm_sync.fence where provider = %(provider)s;

-- name: open_run (provider, airflow_run_id, mode, dry_run, allow_removals, since, until, notice, crm_identity, token,
--     account, fingerprint, do_not_contact_scope) -> run_id
insert into crm_sync.run (provider, airflow_run_id, mode, dry_run, allow_removals, since, until, notice, crm_identity,
                          token, account, fingerprint, do_not_contact_scope)
values (%(provider)s, %(airflow_run_id)s, %(mode)s, %(dry_run)s, %(allow_removals)s, %(since)s, %(until)s, %(notice)s,
        %(crm_identity)s, %(token)s, nullif(%(account)s, ''), %(fingerprint)s, %(do_not_contact_scope)s)
on conflict (provider, airflow_run_id) do update
    set mode = excluded.mode, dry_run = excluded.dry_run, allow_removals = excluded.allow_removals,
        since = excluded.since, until = excluded.until, notice = excluded.notice,
        crm_identity = excluded.crm_identity, token = excluded.token, account = excluded.account,
        fingerprint = excluded.fingerprint, do_not_contact_scope = excluded.do_not_contact_scope,
        state = 'open', marker = null, log_installed = null, opened_at = now(), extracted_at = null, finished_at = null,
        allowed = '{}', allowed_by = null, question_id = null, brake = null, removals = null, everyone = false
returning run_id;

-- name: note_settings_file (run_id, file) -> rows touched
-- The file of settings that the run goes on with; '' where there is none, or one that sets nothing.
update crm_sync.run set settings_file = %(file)s where run_id = %(run_id)s;

-- name: settings_file () -> settings_file
-- Of the last run that went on.
select settings_file from crm_sync.run where settings_file is not null order by run_id desc limit 1;

-- name: run_by_airflow_id (provider, airflow_run_id) -> run_id, provider, mode, dry_run, allow_removals, state,
--     snapshot, crm_identity, marker, since, until, allowed, allowed_by, question_id, everyone, token, account,
--     fingerprint, do_not_contact_scope
select run_id, provider, mode, dry_run, allow_removals, state, snapshot, crm_identity, marker::text, since, until,
       allowed, allowed_by, question_id, everyone,
       coalesce(token, 0) as token, coalesce(account, '') as account, coalesce(fingerprint, '') as fingerprint,
       coalesce(do_not_contact_scope, '') as do_not_contact_scope
from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s;

-- name: require_token (provider) -> token
-- The token of the run that was opened last. No other is opened before this transaction ends.
select token from crm_sync.fence where provider = %(provider)s for share;

-- name: cursor (provider) -> snapshot, crm_identity, polled_at, marker, read_marker, log_installed, account,
--     fingerprint, compared_at, is_whole
select snapshot, crm_identity, polled_at, marker::text, read_marker::text, log_installed, account, fingerprint,
       compared_at, is_whole
from crm_sync.cursor where provider = %(provider)s;

-- name: stages_completed (run_id, token) -> stage
select stage from crm_sync.stage_stamp where run_id = %(run_id)s and token = %(token)s;

-- name: forget_stages (run_id, stages) -> rows touched
-- A stage that is run again, and all that rest on it, are not complete until they say so.
delete from crm_sync.stage_stamp where run_id = %(run_id)s and stage = any (%(stages)s::text[]);

-- name: stage_completed (run_id, stage, token) -> rows touched
-- A stage says that it is complete, for this opening of the run; one that runs again says so again.
insert into crm_sync.stage_stamp (run_id, stage, token) values (%(run_id)s, %(stage)s, %(token)s)
on conflict (run_id, stage) do update set token = excluded.token, completed_at = now();

-- name: add_notice (notice, run_id) -> rows touched
update crm_sync.run set notice = concat_ws('; ', notice, %(notice)s::text)
where run_id = %(run_id)s and position(%(notice)s::text in coalesce(notice, '')) = 0;

-- name: is_large (run_id, most_of_small) -> boolean
-- Whether a run handles so many contacts that the planner of the statements to come has to know of them.
select exists (select from crm_sync.extracted where run_id = %(run_id)s offset %(most_of_small)s)
    or exists (select from crm_sync.observed where run_id = %(run_id)s offset %(most_of_small)s);

-- name: run_counts (run_id) -> planned, applied, refused, deferred, held, unsettled, set_aside
-- What a run planned and what became of it, as in crm_sync.run_summary: asked for one run, so that the planner knows
-- which.
with planned as (
    select coalesce(sum((verb is not null)::integer + cardinality(joins) + cardinality(leaves)), 0)::bigint as planned,
           count(reason) as refused
    from crm_sync.planned_operation where run_id = %(run_id)s
), called as (
    select coalesce(sum(applied), 0)::bigint as applied from crm_sync.call where run_id = %(run_id)s
), apart as (
    select coalesce(sum(things) filter (where status = 'applied'), 0)::bigint as applied,
           coalesce(sum(things) filter (where status = 'refused'), 0)::bigint as refused,
           coalesce(sum(things) filter (where status = 'deferred'), 0)::bigint as deferred,
           coalesce(sum(things) filter (where status in ('held', 'dropped')), 0)::bigint as held
    from (select status, coalesce(cardinality(lists), 1) as things from crm_sync.outcome where run_id = %(run_id)s) each
)
select p.planned, c.applied + a.applied as applied, p.refused + a.refused as refused, a.deferred, a.held,
       p.planned - p.refused - c.applied - a.applied - a.refused - a.deferred - a.held as unsettled,
       (select count(*) from crm_sync.set_aside where run_id = %(run_id)s) as set_aside
from planned p, called c, apart a;

-- name: close_run (state, run_id) -> rows touched
update crm_sync.run set state = %(state)s, finished_at = now() where run_id = %(run_id)s;

-- name: run_end (provider, airflow_run_id) -> run_id, state, left_over, waiting, question_status, finished_at
select r.run_id, r.state, r.left_over, r.waiting, q.status as question_status, r.finished_at
from crm_sync.run r left join crm_sync.question q using (question_id)
where r.provider = %(provider)s and r.airflow_run_id = %(airflow_run_id)s;

-- name: note_brake (brake, removals, run_id) -> rows touched
-- What triggers the brake in the run's plan, and what the plan takes away.
update crm_sync.run set brake = %(brake)s, removals = %(removals)s::jsonb where run_id = %(run_id)s;
