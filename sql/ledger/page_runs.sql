-- The sync page: all runs.

-- name: runs (providers, since, until, states, is_red, waits, questions, skipped, rows) -> run_id, provider,
--     airflow_run_id, mode, dry_run, state, left_over, waiting, question_status, answered_by, notice, opened_at,
--     finished_at, planned, applied, refused, deferred, held, set_aside
-- A page of the runs of a time, the newest first, with the counts that each left at its end. What is null does not
-- matter.
with chosen as materialized (
    select r.run_id, r.provider, r.airflow_run_id, r.mode, r.dry_run, r.state, r.left_over, r.waiting,
           q.status as question_status, q.answered_by, r.notice, r.opened_at, r.finished_at
    from crm_sync.run r left join crm_sync.question q using (question_id)
    where r.provider = any (%(providers)s::text[]) and r.opened_at >= %(since)s and r.opened_at < %(until)s
      and (%(states)s::text[] is null or r.state = any (%(states)s::text[]))
      and (%(is_red)s::boolean is null or (r.state = 'failed' or r.left_over > 0) = %(is_red)s::boolean)
      and (%(waits)s::boolean is null or (r.waiting > 0) = %(waits)s::boolean)
      and (%(questions)s::text[] is null or coalesce(q.status, '') = any (%(questions)s::text[]))
    order by r.opened_at desc, r.run_id desc
    offset %(skipped)s limit %(rows)s
)
select c.run_id, c.provider, c.airflow_run_id, c.mode, c.dry_run, c.state, c.left_over, c.waiting, c.question_status,
       c.answered_by, c.notice, c.opened_at, c.finished_at, t.planned, t.applied, t.refused, t.deferred, t.held,
       (select count(distinct s.contact_id) from crm_sync.set_aside s where s.run_id = c.run_id) as set_aside
from chosen c
cross join lateral (
    select coalesce(sum(operations), 0)::bigint as planned,
           coalesce(sum(operations) filter (where status = 'applied'), 0)::bigint as applied,
           coalesce(sum(operations) filter (where status = 'refused'), 0)::bigint as refused,
           coalesce(sum(operations) filter (where status = 'deferred'), 0)::bigint as deferred,
           coalesce(sum(operations) filter (where status in ('held', 'dropped')), 0)::bigint as held
    from crm_sync.run_tally where run_id = c.run_id
) t
order by c.opened_at desc, c.run_id desc;

-- name: runs_counted (providers, since, until, states, is_red, waits, questions, most) -> runs
-- How many runs there are of that time; counted no further than that.
select count(*) as runs from (
    select from crm_sync.run r left join crm_sync.question q using (question_id)
    where r.provider = any (%(providers)s::text[]) and r.opened_at >= %(since)s and r.opened_at < %(until)s
      and (%(states)s::text[] is null or r.state = any (%(states)s::text[]))
      and (%(is_red)s::boolean is null or (r.state = 'failed' or r.left_over > 0) = %(is_red)s::boolean)
      and (%(waits)s::boolean is null or (r.waiting > 0) = %(waits)s::boolean)
      and (%(questions)s::text[] is null or coalesce(q.status, '') = any (%(questions)s::text[]))
    limit %(most)s
) few;
