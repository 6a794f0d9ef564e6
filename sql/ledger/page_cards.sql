-- The sync page: the card of each provider.

-- name: last_runs (providers) -> provider, part, run_id, airflow_run_id, mode, dry_run, state, left_over, waiting,
--     question_status, notice, brake, opened_at, extracted_at, finished_at
-- Of each provider the newest run (newest), the newest that was to do something and has ended (last), the newest of
-- those that ended well (good), the newest after which the provider was in step with the CRM (in_step), and the newest
-- that failed since (failed).
select p.provider, part.part, r.run_id, r.airflow_run_id, r.mode, r.dry_run, r.state, r.left_over, r.waiting,
       q.status as question_status, r.notice, r.brake, r.opened_at, r.extracted_at, r.finished_at
from unnest(%(providers)s::text[]) as p (provider)
cross join (values ('newest'), ('last'), ('good'), ('in_step'), ('failed')) as part (part)
-- By time, for which there are indexes by provider: by number, a provider without runs would have all others' read.
cross join lateral (
    (select * from crm_sync.run
     where part.part = 'newest' and provider = p.provider order by opened_at desc limit 1)
    union all
    (select * from crm_sync.run
     where part.part = 'last' and provider = p.provider and state not in ('idle', 'previewed')
       and state not in ('open', 'planned') and not dry_run order by opened_at desc limit 1)
    union all
    (select * from crm_sync.run
     where part.part = 'good' and provider = p.provider and state not in ('idle', 'previewed') and is_good
     order by opened_at desc limit 1)
    union all
    (select * from crm_sync.run
     where part.part = 'in_step' and provider = p.provider and is_good and waiting = 0 and mode <> 'backfill'
     order by opened_at desc limit 1)
    union all
    (select * from crm_sync.run
     where part.part = 'failed' and provider = p.provider and state not in ('idle', 'previewed') and not dry_run
       and (state = 'failed' or left_over > 0)
       and opened_at > coalesce((select i.opened_at from crm_sync.run i
                                 where i.provider = p.provider and i.is_good and i.waiting = 0 and i.mode <> 'backfill'
                                 order by i.opened_at desc limit 1), '-infinity')
     order by opened_at desc limit 1)
) r
left join crm_sync.question q using (question_id);

-- name: progress (run_id) -> done, planned, planned_at, now
-- How far the load of a run has come: what it has sent and was answered, of what its plan asks for.
select (select coalesce(sum(c.applied), 0)::bigint from crm_sync.call c
        where c.run_id = r.run_id and c.answered_at >= r.planned_at)
         + (select coalesce(sum(coalesce(cardinality(o.lists), 1)), 0)::bigint from crm_sync.outcome o
            where o.run_id = r.run_id and o.settled_at >= r.planned_at and o.status <> 'held') as done,
       r.planned, r.planned_at, now() as now
from crm_sync.run r where r.run_id = %(run_id)s and r.state = 'planned';

-- name: waiting (providers) -> provider, reason, people, since, until
-- People who wait for a later run: since when the first of them has waited, and when the last is tried again. People
-- who only wait for their turn are counted already (held_counts), and found by the ends of indexes.
select p.provider, 'deferred' as reason, c.people,
       (select h.refused_at from crm_sync.holding h where h.provider = p.provider and h.reason = 'deferred'
        order by h.refused_at limit 1) as since,
       (select h.retry_at from crm_sync.holding h
        where h.provider = p.provider and h.reason = 'deferred' and h.retry_at is not null
        order by h.retry_at desc limit 1) as until
from unnest(%(providers)s::text[]) as p (provider)
join crm_sync.held_count c on c.provider = p.provider and c.kind = 'exception' and c.what = 'deferred' and c.people > 0
union all
select provider, reason, count(*), min(refused_at), max(retry_at)
from crm_sync.holding
where provider = any (%(providers)s::text[]) and tries > 0 and reason is not null and reason <> 'deferred'
group by provider, reason;

-- name: cursors (providers) -> provider, snapshot
-- Up to where each provider, once synchronized, has read the CRM.
select provider, snapshot from crm_sync.cursor where provider = any (%(providers)s::text[]) and snapshot is not null;

-- name: tokens_held (providers) -> provider
-- Which accounts somebody has allowed.
select provider from crm_sync.token where provider = any (%(providers)s::text[]);

-- name: checks (providers) -> provider, value, at
-- What each account said when it was last asked who it is.
select provider, value, at from crm_sync.remembered
where provider = any (%(providers)s::text[]) and kind = 'account_check';

-- name: keep_check (provider, value) -> rows touched
-- Keep what an account said.
insert into crm_sync.remembered (provider, kind, key, value)
values (%(provider)s, 'account_check', 'last', %(value)s::jsonb)
on conflict (provider, kind, key) do update set value = excluded.value, at = now();

-- name: accounts_said (providers) -> provider, said, said_by, said_at
-- What people have said of accounts since the last run was opened, the newest of each provider.
select distinct on (provider) provider, said, said_by, said_at
from crm_sync.account_said as a
where provider = any (%(providers)s) and said is not null
  and not exists (select from crm_sync.run r where r.provider = a.provider and r.opened_at > a.said_at)
order by provider, said_at desc;

-- name: alerts_open (providers) -> provider, kind, since, airflow_run_id, untold
-- What is wrong with each provider now, and why no alert went out, if none did.
select provider, kind, since, met_again_in as airflow_run_id, untold
from crm_sync.alert
where provider = any (%(providers)s::text[]) and ended_at is null
order by provider, since, kind;

-- name: questions_open (providers) -> question_id, provider, run_id, asked_at, held_since, why, airflow_run_id
-- The plan of each provider that is held, with what a person is asked.
select q.question_id, q.provider, q.run_id, q.asked_at, q.held_since, q.why, r.airflow_run_id
from crm_sync.question q join crm_sync.run r using (run_id)
where q.provider = any (%(providers)s::text[]) and q.status = 'open';

-- name: calls_today (providers) -> provider, calls
-- Calls of the present day, UTC, to providers that count them.
select provider, calls from crm_sync.calls
where provider = any (%(providers)s::text[]) and day = (now() at time zone 'UTC')::date;

-- name: held_counts (providers) -> provider, kind, what, people, list_name
-- The kept counts of each provider; a list by its name.
select c.provider, c.kind, c.what, c.people, coalesce(l.crm_name, l.name) as list_name
from crm_sync.held_count c
left join crm_sync.list_holding l on l.provider = c.provider
    and l.list_id = case c.kind when 'list' then c.what::bigint end
where c.provider = any (%(providers)s::text[]) and c.people > 0
order by c.provider, c.kind, list_name, c.people desc, c.what;

-- name: lists_there (providers) -> provider, list_id, list_name, reason, retry_at, tries
-- Lists at the providers, also those without anybody.
select provider, list_id, coalesce(crm_name, name) as list_name, reason, retry_at, tries
from crm_sync.list_holding
where provider = any (%(providers)s::text[]) order by provider, list_name;

-- name: set_aside_counts (providers) -> provider, reason, holds_back, people
-- Contacts set aside now, by reason. A preview, or a run that failed, looked at the same rows once more.
with standing as materialized (
    select provider, run_id, reason, holds_back, contact_id from crm_sync.set_aside
    where resolved_at is null and provider = any (%(providers)s::text[])
), of_run as materialized (
    select d.run_id, (select r.state from crm_sync.run r where r.run_id = d.run_id) as state
    from (select distinct run_id from standing) d
), each as materialized (
    select s.provider, s.reason, s.holds_back, s.contact_id
    from standing s join of_run r using (run_id)
    where coalesce(r.state, '') not in ('failed', 'previewed')
    group by s.provider, s.reason, s.holds_back, s.contact_id
)
select provider, reason, holds_back, count(*) as people from each
group by provider, reason, holds_back
order by provider, people desc, reason;

-- name: history (days, providers) -> provider, day, status, operations
-- What runs did on each of the last days, from the counts that each run left at its end.
select r.provider, (r.opened_at at time zone 'UTC')::date as day, t.status, sum(t.operations)::bigint as operations
from crm_sync.run r
join crm_sync.run_tally t using (run_id)
where r.opened_at >= (now() at time zone 'UTC')::date - make_interval(days => %(days)s - 1) and not r.dry_run
  and r.provider = any (%(providers)s::text[])
group by r.provider, day, t.status;

-- name: live_looks (providers) -> provider, looked_at, seconds, waits_for
-- When the watcher has looked for changes in the CRM that are to start a run, and what a start waits for.
select provider, looked_at, extract(epoch from now() - looked_at)::float8 as seconds, waits_for
from crm_sync.live_look where provider = any (%(providers)s::text[]);
