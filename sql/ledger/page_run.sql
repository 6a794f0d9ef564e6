-- The sync page: one run.

-- name: run (provider, airflow_run_id) -> run_id, provider, mode, dry_run, allow_removals, state, left_over, waiting,
--     airflow_run_id, notice, brake, removals, opened_at, extracted_at, finished_at, question_status, answered_by,
--     ended_at
-- One run, by Airflow's name for it, and what was decided about its plan.
select r.run_id, r.provider, r.mode, r.dry_run, r.allow_removals, r.state, r.left_over, r.waiting,
       r.airflow_run_id, r.notice, r.brake, coalesce(r.removals, asked.removals) as removals,
       r.opened_at, r.extracted_at, r.finished_at, q.status as question_status, q.answered_by, q.ended_at
from crm_sync.run r left join crm_sync.question q using (question_id)
left join crm_sync.run asked on asked.run_id = q.run_id
where r.provider = %(provider)s and r.airflow_run_id = %(airflow_run_id)s;

-- name: run_so_far (run_id, most) -> verb, list_id, list_name, cause, status, reason, operations, first_id, last_id
-- What a run under way has done so far. Stops counting at a bound: the page of a large run is not to slow it.
with few as materialized (
    select operation_id, verb, provider, list_id, list_name, cause, settled, reason, own_call_of
    from crm_sync.part where run_id = %(run_id)s limit %(most)s
), called as materialized (
    select unnest(operation_ids) as operation_id, lists, answered_at is not null as is_answered,
           job is not null as is_submitted
    from crm_sync.call where run_id = %(run_id)s and first_id <= (select max(operation_id) from few)
)
select verb, list_id, list_name, cause, status, reason, count(*) as operations, min(operation_id) as first_id,
       max(operation_id) as last_id
from (
    select o.operation_id, o.verb, o.list_id, coalesce(o.list_name, l.crm_name, l.name) as list_name,
           nullif(o.cause, '') as cause, o.reason,
           coalesce(o.settled, case when c.is_answered then 'applied'
                                    when c.is_submitted then 'submitted'
                                    when c.is_called then 'in_doubt'
                                    else 'pending' end) as status
    from few o
    left join crm_sync.list_holding l using (provider, list_id)
    left join lateral (
        select bool_or(is_answered) as is_answered, bool_or(is_submitted) as is_submitted, count(*) > 0 as is_called
        from called
        where o.settled is null and called.operation_id = o.operation_id
          and (called.lists is null) = (o.own_call_of is null)
          and (called.lists is null or o.own_call_of = any (called.lists))
    ) c on true
) each
group by verb, list_id, list_name, cause, status, reason
order by verb, list_name, cause, status, reason;

-- name: run_tally (run_id) -> verb, list_id, list_name, cause, status, reason, operations, first_id, last_id
-- What a run that has ended did, from its kept counts.
select verb, list_id, list_name, cause, status, reason, operations, first_id, last_id from crm_sync.run_tally
where run_id = %(run_id)s order by verb, list_name, cause, status, reason;

-- name: run_set_aside (run_id) -> reason, contacts
-- Contacts that a run set aside, by reason.
select reason, contacts from crm_sync.set_aside_counts where run_id = %(run_id)s order by contacts desc, reason;

-- name: operations_of_run (run_id, after, first_id, last_id, verb, status, reason, list_id, contact_id, rows) ->
--     operation_id, verb, contact_id, list_name, cause, status, reason
-- A page of the operations of a run: so many subscribers or lists, with all that is asked about each. Read along the
-- key between the run's first and last operation, so that a page costs the same wherever it begins.
select operation_id, verb, contact_id, list_name, cause, status, reason
from (
    select o.operation_id, o.verb, o.list_id, o.contact_id, coalesce(o.list_name, l.crm_name, l.name) as list_name,
           nullif(o.cause, '') as cause, o.status, o.reason, dense_rank() over (order by o.operation_id) as place
    from crm_sync.operation o
    left join crm_sync.list_holding l using (provider, list_id)
    where o.run_id = %(run_id)s and o.operation_id > %(after)s and o.operation_id between %(first_id)s and %(last_id)s
      and (%(verb)s::text is null or o.verb = %(verb)s)
      and (%(status)s::text is null or o.status = %(status)s)
      and (%(reason)s::text is null or o.reason = %(reason)s)
      and (%(list_id)s::bigint is null or o.list_id = %(list_id)s)
      and (%(contact_id)s::bigint is null or o.contact_id = %(contact_id)s)
) each
where place <= %(rows)s
order by operation_id, list_id nulls first;

-- name: operations_before (run_id, until, first_id, last_id, verb, status, reason, list_id, contact_id, rows) ->
--     operation_id, verb, contact_id, list_name, cause, status, reason
-- As operations_of_run, backwards: the page that ends with the subscriber or list until.
select operation_id, verb, contact_id, list_name, cause, status, reason
from (
    select o.operation_id, o.verb, o.list_id, o.contact_id, coalesce(o.list_name, l.crm_name, l.name) as list_name,
           nullif(o.cause, '') as cause, o.status, o.reason, dense_rank() over (order by o.operation_id desc) as place
    from crm_sync.operation o
    left join crm_sync.list_holding l using (provider, list_id)
    where o.run_id = %(run_id)s and o.operation_id <= %(until)s and o.operation_id between %(first_id)s and %(last_id)s
      and (%(verb)s::text is null or o.verb = %(verb)s)
      and (%(status)s::text is null or o.status = %(status)s)
      and (%(reason)s::text is null or o.reason = %(reason)s)
      and (%(list_id)s::bigint is null or o.list_id = %(list_id)s)
      and (%(contact_id)s::bigint is null or o.contact_id = %(contact_id)s)
) each
where place <= %(rows)s
order by operation_id, list_id nulls first;

-- name: changed_records (run_id, operation_ids) -> operation_id, before, after
-- What operations change of the records that are held: the values that differ.
select operation_id, before, after from crm_sync.changed_record
where run_id = %(run_id)s and operation_id = any (%(operation_ids)s::bigint[]);
