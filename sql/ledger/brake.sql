-- The brake: a plan that would take away too much is held, and a person is asked.

-- name: weighed (run_id, provider) -> kind, cause, list_id, list_name, number
-- What the brake weighs of a plan, by cause and list. Do Not Contact, with the memberships that go with it, is weighed
-- apart. Asked only where a verb's operations are more than the floor: a small run does not pay for it.
with planned as (
    select p.verb, p.subscriber_key, p.from_subscriber_key, p.list_id, p.address, nullif(o.cause, '') as cause
    from crm_sync.part p join crm_sync.planned_operation o using (operation_id)
    where p.run_id = %(run_id)s and p.settled is null
      and p.verb in ('suppress', 'archive', 'remove_from_list', 'delete_list', 'change_address', 'update')
), changed as (
    select p.verb = 'change_address' or lower(btrim(p.address)) <> lower(btrim(h.address)) as moves,
           concat(btrim(e.first_name), btrim(e.last_name), btrim(e.organization_name)) = ''
               and h.named is not false and d.payload_hash is distinct from h.payload_hash as loses_name
    from planned p
    join crm_sync.holding h on h.provider = %(provider)s
        and h.subscriber_key = coalesce(nullif(p.from_subscriber_key, ''), p.subscriber_key)
    join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = p.subscriber_key
    join crm_sync.extracted e on e.run_id = %(run_id)s and e.contact_id = d.contact_id
    where p.verb in ('change_address', 'update')
), found as (
    select case verb when 'archive' then 'people' else 'suppressions' end as kind, cause, null::bigint as list_id,
           count(*) as number
    from planned where verb in ('archive', 'suppress') group by verb, cause
    union all
    select 'memberships', coalesce(p.cause, 'not_in_list'), p.list_id, count(*)
    from planned p
    where p.verb = 'remove_from_list'
      and not crm_sync.goes_with_do_not_contact(%(run_id)s, %(provider)s, p.subscriber_key, p.list_id)
    group by coalesce(p.cause, 'not_in_list'), p.list_id
    union all
    select 'memberships', 'list_gone', p.list_id, c.people
    from planned p
    join crm_sync.held_count c on c.provider = %(provider)s and c.kind = 'list' and c.what = p.list_id::text
    where p.verb = 'delete_list'
    union all
    select 'addresses', null, null, count(*) from changed where moves
    union all
    select 'names', null, null, count(*) from changed where loses_name
)
select f.kind, f.cause, f.list_id, coalesce(l.crm_name, l.name) as list_name, f.number
from found f left join crm_sync.list_holding l on l.provider = %(provider)s and l.list_id = f.list_id
where f.number > 0
order by f.kind = 'memberships', f.kind, f.number desc, list_name, f.cause;

-- name: held (provider) -> people, memberships
-- Of how many the brake takes the share: active people, and their memberships.
select coalesce(sum(people) filter (where kind = 'state' and what = 'active'), 0)::bigint as people,
       coalesce(sum(people) filter (where kind = 'list'), 0)::bigint as memberships
from crm_sync.held_count where provider = %(provider)s;

-- name: standing_question (provider) -> question_id, provider, run_id, mode, crm_identity, account, weighed, why,
--     status, held_since, asked_at, answered_by, seen_run_id, seen_snapshot, seen_marker
-- The question of the provider that is open, or approved and not used yet. The caller decides about it: nobody else
-- meanwhile.
select question_id, provider, run_id, mode, crm_identity, account, weighed, why, status, held_since, asked_at,
       answered_by, seen_run_id,
       (select snapshot from crm_sync.run r where r.run_id = seen_run_id) as seen_snapshot,
       (select marker::text from crm_sync.run r where r.run_id = seen_run_id) as seen_marker
from crm_sync.question where provider = %(provider)s and status in ('open', 'approved')
for update;

-- name: ask_question (provider, run_id, mode, crm_identity, account, weighed, why, held_since) -> question_id,
--     provider, run_id, mode, crm_identity, account, weighed, why, status, held_since, asked_at, answered_by,
--     seen_run_id, seen_snapshot, seen_marker
-- A new question about a held plan, as question reads it.
insert into crm_sync.question (provider, run_id, mode, crm_identity, account, weighed, why, held_since)
values (%(provider)s, %(run_id)s, %(mode)s, %(crm_identity)s, nullif(%(account)s, ''), %(weighed)s::jsonb, %(why)s,
        coalesce(%(held_since)s, now()))
returning question_id, provider, run_id, mode, crm_identity, account, weighed, why, status, held_since, asked_at,
          answered_by, seen_run_id,
          (select snapshot from crm_sync.run r where r.run_id = seen_run_id) as seen_snapshot,
          (select marker::text from crm_sync.run r where r.run_id = seen_run_id) as seen_marker;

-- name: question (question_id) -> question_id, provider, run_id, mode, crm_identity, account, weighed, why, status,
--     held_since, asked_at, answered_by, seen_run_id, seen_snapshot, seen_marker
select q.question_id, q.provider, q.run_id, q.mode, q.crm_identity, q.account, q.weighed, q.why, q.status, q.held_since,
       q.asked_at, q.answered_by, q.seen_run_id,
       (select snapshot from crm_sync.run r where r.run_id = q.seen_run_id) as seen_snapshot,
       (select marker::text from crm_sync.run r where r.run_id = q.seen_run_id) as seen_marker
from crm_sync.question q where q.question_id = %(question_id)s
for update;

-- name: hold_plan (run_id, sends_suppressions) -> rows touched
-- The brake was pulled: nothing of the plan is sent but, where their number allows, Do Not Contact and the
-- memberships that go with it.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason)
select o.run_id, o.operation_id, o.verb, case when not o.is_own then array_agg(o.list_id) end, 'held', 'awaits_approval'
from crm_sync.part o
where o.run_id = %(run_id)s and o.settled is null
  and not (%(sends_suppressions)s
           and (o.verb = 'suppress'
                or (o.verb = 'remove_from_list'
                    and crm_sync.goes_with_do_not_contact(o.run_id, o.provider, o.subscriber_key, o.list_id))))
group by o.run_id, o.operation_id, o.verb, o.is_own;

-- name: hold_run (question_id, run_id) -> rows touched
-- The plan of the run is held by that question.
update crm_sync.run set question_id = %(question_id)s where run_id = %(run_id)s;

-- name: allow (allowed, who, run_id) -> rows touched
-- A person has decided that this run may take away so many.
update crm_sync.run set allowed = %(allowed)s::jsonb, allowed_by = %(who)s where run_id = %(run_id)s;

-- name: held_seen (run_id) -> rows touched
-- The CRM was read up to here by a run that the question holds, and its Do Not Contact was sent.
update crm_sync.question q set seen_run_id = r.run_id
from crm_sync.run r
where r.run_id = %(run_id)s and q.question_id = r.question_id and q.status = 'open' and r.left_over = 0;

-- name: drop_held (run_id) -> rows touched
-- A plan that nobody is asked about is not kept: the one of the question is there to be looked at.
with held as materialized (
    select o.operation_id, bool_or(o.lists is null) as is_own,
           coalesce(array_agg(l) filter (where l is not null), '{}') as lists
    from crm_sync.outcome o left join lateral unnest(o.lists) as l on true
    where o.run_id = %(run_id)s and o.status = 'held'
      and not exists (select from crm_sync.question q where q.run_id = o.run_id)
    group by o.operation_id
), outcomes as (
    delete from crm_sync.outcome o using held h
    where o.run_id = %(run_id)s and o.operation_id = h.operation_id and o.status = 'held'
), emptied as (
    delete from crm_sync.planned_operation p using held h
    where p.operation_id = h.operation_id and (h.is_own or p.verb is null) and h.lists @> (p.joins || p.leaves)
)
update crm_sync.planned_operation p
set verb = case when not h.is_own then p.verb end,
    joins = array(select l from unnest(p.joins) as l where l <> all (h.lists)),
    leaves = array(select l from unnest(p.leaves) as l where l <> all (h.lists))
from held h
where p.operation_id = h.operation_id and not ((h.is_own or p.verb is null) and h.lists @> (p.joins || p.leaves));

-- name: end_question (status, question_id, who) -> rows touched
-- What was decided, or why nobody has to decide any more. The operations of its plan say so, too: they were never sent,
-- and, where the plan was rejected, are dropped.
with planned as (
    update crm_sync.outcome o
    set reason = %(status)s, settled_at = now(),
        status = case %(status)s when 'rejected' then 'dropped' else o.status end
    from crm_sync.question q
    where q.question_id = %(question_id)s and o.run_id = q.run_id and o.status = 'held'
)
update crm_sync.question set status = %(status)s, answered_by = coalesce(%(who)s, answered_by), ended_at = now()
where question_id = %(question_id)s;

-- name: tally_held (question_id) -> nothing
-- The kept counts of the plan that a question held say what became of it.
select crm_sync.tally_run(run_id) from crm_sync.question where question_id = %(question_id)s;

-- name: is_asked (provider) -> boolean
-- Whether a person is to decide about a plan of the provider.
select exists (select from crm_sync.question where provider = %(provider)s and status = 'open');

-- name: questions_to_attend (provider) -> question_id, provider, asked_at, weighed, why, is_open, airflow_run_id
-- Questions that Airflow must ask, and those that it asks although nobody has to decide about them any more.
select q.question_id, q.provider, q.asked_at, q.weighed, q.why, q.status = 'open' as is_open, r.airflow_run_id
from crm_sync.question q join crm_sync.run r using (run_id)
where q.provider = %(provider)s and (q.status = 'open' or (q.status in ('renewed', 'withdrawn') and not q.taken_back))
order by q.question_id;

-- name: question_told (question_id) -> question_id, provider, asked_at, weighed, why, is_open, airflow_run_id, removals
-- A question with what its alert needs, and whom it is about.
select q.question_id, q.provider, q.asked_at, q.weighed, q.why, q.status = 'open' as is_open, r.airflow_run_id,
       r.removals
from crm_sync.question q join crm_sync.run r using (run_id)
where q.question_id = %(question_id)s;

-- name: taken_back (question_id) -> rows touched
update crm_sync.question set taken_back = true where question_id = %(question_id)s;
