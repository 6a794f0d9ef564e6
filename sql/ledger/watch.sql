-- Whether each provider still has good runs, and what is measured of a run that has ended.

-- name: watch (provider, seconds) -> last_good, latest_run, is_late
-- When a run of the provider ended well for the last time (with nothing to do, or with nothing left over that its load
-- should have sent), whether that is longer ago than people want to wait, and the run that began last.
with good as (
    select max(finished_at) as at from crm_sync.run
    where provider = %(provider)s and is_good
), begun as (
    insert into crm_sync.watch (provider) select %(provider)s from good where at is null on conflict do nothing
), latest as (
    select airflow_run_id from crm_sync.run where provider = %(provider)s order by run_id desc limit 1
)
select good.at as last_good, coalesce((select airflow_run_id from latest), '') as latest_run,
       greatest(good.at, watch.since, case when good.at is null and watch.since is null then now() end)
       < now() - make_interval(secs => %(seconds)s) as is_late
from good left join crm_sync.watch on watch.provider = %(provider)s;

-- name: watch_off (provider) -> rows touched
-- The provider is switched off or paused: the time in which it needs no run is not held against it later.
insert into crm_sync.watch (provider) values (%(provider)s)
on conflict (provider) do update set since = now();

-- name: run_measures (run_id) -> state, applied, refused, deferred, set_aside
-- What is counted of a run that has ended.
select state, applied, refused, deferred, set_aside
from crm_sync.run_summary where run_id = %(run_id)s and finished_at is not null;

-- name: in_step (provider) -> snapshot, seconds, is_good
-- Up to where the provider has read the CRM; how old, in seconds, the CRM's snapshot is that it is in step with: that
-- of the last run that had nothing to do, or left nothing over that its load should have sent (null before the first);
-- and whether the newest run that has ended was such a one.
select (select snapshot from crm_sync.cursor where provider = %(provider)s) as snapshot,
       extract(epoch from now() - (
           select max(extracted_at) from crm_sync.run
           where provider = %(provider)s and mode <> 'backfill' and is_good))::float8 as seconds,
       coalesce((
           select is_good from crm_sync.run
           where provider = %(provider)s and mode <> 'backfill' and not dry_run and finished_at is not null
           order by opened_at desc limit 1), false) as is_good;

-- name: live_state (provider) -> now, snapshot, is_under_way, opened_at, calls
-- What decides whether a change starts a run of the provider: up to where it has read the CRM, whether a run is under
-- way, when the newest one opened, and how many calls of the day are used.
select clock_timestamp() as now,
       (select snapshot from crm_sync.cursor where provider = %(provider)s) as snapshot,
       exists (select from crm_sync.run
               where provider = %(provider)s and state in ('open', 'planned')) as is_under_way,
       (select opened_at from crm_sync.run where provider = %(provider)s order by opened_at desc limit 1) as opened_at,
       coalesce((select calls from crm_sync.calls where provider = %(provider)s
                     and day = (now() at time zone 'utc')::date), 0) as calls;

-- name: note_look (provider, waits_for) -> rows touched
-- That the watcher has looked, and what its next start waits for; "" for nothing. A row is not rewritten for each look
-- of a day.
insert into crm_sync.live_look as l (provider, waits_for) values (%(provider)s, %(waits_for)s)
on conflict (provider) do update set looked_at = now(), waits_for = excluded.waits_for
where l.looked_at < now() - interval '10 seconds' or l.waits_for <> excluded.waits_for;

-- name: look_age (provider) -> seconds
-- How long ago the watcher has looked for changes; no row if it never has.
select extract(epoch from now() - looked_at)::float8 as seconds from crm_sync.live_look where provider = %(provider)s;
