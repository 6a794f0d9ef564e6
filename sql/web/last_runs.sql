-- The newest run of each provider, and whether it was ever synchronized.
select p.provider, r.run_id, r.airflow_run_id, r.mode, r.dry_run, r.state, r.notice, r.opened_at, r.finished_at,
       held.snapshot is not null as is_held_before
from unnest(%(providers)s::text[]) as p (provider)
left join lateral (
    -- By time, for which there is an index by provider: by number, a provider without runs would have all others' read.
    select * from crm_sync.run where provider = p.provider order by opened_at desc limit 1
) r on true
left join crm_sync.cursor held on held.provider = p.provider
