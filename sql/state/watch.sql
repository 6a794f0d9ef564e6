-- watch
-- When a run of the provider ended well for the last time (with nothing to do, or with nothing left over that its load
-- should have sent), whether that is longer ago than people want to wait, and the run that began last.
with good as (
    select max(finished_at) as at from crm_sync.run
    where provider = %(provider)s and (state = 'idle' or state = 'recorded' and left_over = 0)
), begun as (
    insert into crm_sync.watch (provider) select %(provider)s from good where at is null on conflict do nothing
), latest as (
    select airflow_run_id from crm_sync.run where provider = %(provider)s order by run_id desc limit 1
)
select good.at as last_good, coalesce((select airflow_run_id from latest), '') as latest_run,
       greatest(good.at, watch.since, case when good.at is null and watch.since is null then now() end)
       < now() - make_interval(secs => %(seconds)s) as is_late
from good left join crm_sync.watch on watch.provider = %(provider)s
