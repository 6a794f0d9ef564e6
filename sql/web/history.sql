-- What runs did on each of the last days, from the counts that each run left at its end.
select r.provider, (r.opened_at at time zone 'UTC')::date as day, t.status, sum(t.operations)::bigint as operations
from crm_sync.run r
join crm_sync.run_tally t using (run_id)
where r.opened_at >= (now() at time zone 'UTC')::date - make_interval(days => %(days)s - 1) and not r.dry_run
  and r.provider = any (%(providers)s::text[])
group by r.provider, day, t.status
