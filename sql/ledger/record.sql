-- The stage record: the ledger learns what became of the operations (fold_*, in this order, and opt_outs/opt_outs_hold
-- after fold_opt_outs), the cursor moves, and what is old goes.

-- name: defer_unsettled (run_id, reason) -> rows touched
-- What a run leaves over, said at its end: whatever has neither an outcome of its own nor a call that was answered.
-- Nearly always nothing, which is found person by person; to be sure of it, the numbers that calls have brought are
-- not believed here.
with run as materialized (
    select folded_to from crm_sync.run where run_id = %(run_id)s
), answered as materialized (
    select unnest(c.operation_ids) as operation_id, c.lists
    from run join crm_sync.call c on c.run_id = %(run_id)s and c.answered_at is not null and c.last_id > run.folded_to
), by_list as (
    select a.operation_id, l as list_id from answered a cross join lateral unnest(a.lists) as l
), unsettled as materialized (
    -- Not "not exists" where so many are compared with so many: they are hashed, whatever the planner knows of them.
    select p.operation_id
    from run join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
    where p.verb is not null and p.reason is null
      and p.operation_id not in (select operation_id from answered where lists is null)
      and not exists (select from crm_sync.outcome o
                      where o.run_id = p.run_id and o.operation_id = p.operation_id and o.lists is null)
    union
    select p.operation_id
    from run join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
    cross join lateral unnest(p.joins || p.leaves) as l
    where not (l = any (p.carried) and p.operation_id in (select operation_id from answered where lists is null))
      and (p.operation_id, l) not in (select operation_id, list_id from by_list)
      and not exists (select from crm_sync.outcome o
                      where o.run_id = p.run_id and o.operation_id = p.operation_id and l = any (o.lists))
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, o.operation_id, o.verb,
       case when o.verb in ('add_to_list', 'remove_from_list') then array_agg(o.list_id) end,
       'deferred', coalesce(min(o.reason), %(reason)s), max(o.sent_at)
from unsettled u
join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = u.operation_id
where o.is_unfolded and o.status in ('pending', 'in_doubt', 'submitted')
group by o.operation_id, o.verb, o.sent_at is null;

-- name: fold_moves_cleared (run_id) -> rows touched
-- A refusal remembered under the new address makes room for the subscriber that moves there.
delete from crm_sync.holding h using crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
where p.run_id = %(run_id)s and p.verb = 'change_address' and o.verb = p.verb and o.status = 'applied'
  and h.provider = o.provider and h.subscriber_key = o.subscriber_key and h.state = 'absent';

-- name: fold_moves (run_id) -> rows touched
update crm_sync.holding h
set subscriber_key = o.subscriber_key, address = o.address, remote_id = coalesce(o.remote_id, h.remote_id)
from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
where p.run_id = %(run_id)s and p.verb = 'change_address' and o.verb = p.verb and o.status = 'applied'
  and h.provider = o.provider and h.subscriber_key = o.from_subscriber_key;

-- name: fold_subscribers (run_id) -> rows touched
-- The last thing the provider accepted about each subscriber, and of each of their lists: a run that was planned again
-- may have taken out whom it had put in. Nearly everybody has one planned row, and no outcome but that it was done.
with run as materialized (
    select provider, folded_to from crm_sync.run where run_id = %(run_id)s
), missed as materialized (
    select o.operation_id, bool_or(o.lists is null) as verb_missed,
           coalesce(array_agg(l) filter (where l is not null), '{}') as lists
    from run
    join crm_sync.outcome o on o.run_id = %(run_id)s and o.operation_id > run.folded_to and o.status <> 'applied'
    left join lateral unnest(o.lists) as l on true
    group by o.operation_id
), said as materialized (
    select t.operation_id, t.remote_id, null::text as remark
    from run join crm_sync.call c on c.run_id = %(run_id)s and c.remote_ids is not null and c.last_id > run.folded_to
    cross join lateral unnest(c.operation_ids, c.remote_ids) as t (operation_id, remote_id)
    where t.remote_id <> ''
    union all
    select o.operation_id, o.remote_id, o.reason
    from run
    join crm_sync.outcome o on o.run_id = %(run_id)s and o.operation_id > run.folded_to and o.status = 'applied'
        and o.lists is null
), done as materialized (
    select p.operation_id, p.subscriber_key, p.address,
           case when p.reason is null and m.verb_missed is not true then p.verb end as verb,
           case when m.lists is null then p.joins
                else array(select l from unnest(p.joins) as l where l <> all (m.lists)) end as joins,
           case when m.lists is null then p.leaves
                else array(select l from unnest(p.leaves) as l where l <> all (m.lists)) end as leaves
    from run
    join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to
        and p.subscriber_key is not null
    left join missed m using (operation_id)
), several as materialized (
    select subscriber_key from done group by subscriber_key having count(*) > 1
), last_verb as (
    select distinct on (subscriber_key) subscriber_key, operation_id, address, verb from done
    where verb is not null and subscriber_key in (select subscriber_key from several)
        order by subscriber_key, operation_id desc
), last_lists as (
    select subscriber_key, coalesce(array_agg(list_id order by list_id) filter (where is_in), '{}') as joins,
           coalesce(array_agg(list_id) filter (where not is_in), '{}') as leaves
    from (
        select distinct on (subscriber_key, list_id) subscriber_key, list_id, is_in
        from (
            select subscriber_key, operation_id, unnest(joins) as list_id, true as is_in from done
            where subscriber_key in (select subscriber_key from several)
            union all
            select subscriber_key, operation_id, unnest(leaves), false from done
                where subscriber_key in (select subscriber_key from several)
        ) asked
        order by subscriber_key, list_id, operation_id desc
    ) last
    group by subscriber_key
), people as materialized (
    select subscriber_key, operation_id, address, verb, joins, leaves from done
    where subscriber_key not in (select subscriber_key from several)
    union all
    select subscriber_key, v.operation_id, v.address, v.verb, coalesce(l.joins, '{}'), coalesce(l.leaves, '{}')
    from last_verb v full join last_lists l using (subscriber_key)
), memberships as (
    update crm_sync.holding h
    set lists = case when h.lists = '{}' then p.joins
                     else array(select l from unnest(h.lists || p.joins) as l
                                where l <> all (p.leaves) group by l order by l) end,
        unanswered_lists = array(select l from unnest(h.unanswered_lists) as l where l <> all (p.joins || p.leaves)),
        reason = case when h.state = 'active' or h.reason = 'deferred' or h.tries > 0 then null else h.reason end,
        retry_at = null, tries = 0, run_id = %(run_id)s
    from people p
    where h.provider = (select provider from run) and h.subscriber_key = p.subscriber_key and p.verb is null
      and (p.joins <> '{}' or p.leaves <> '{}')
)
insert into crm_sync.holding as h (provider, subscriber_key, contact_id, contact_ids, address, remote_id, payload_hash,
    lists, unanswered_lists, state, fields, remark, run_id, named)
select run.provider, p.subscriber_key, d.contact_id, coalesce(d.contact_ids, '{}'),
       -- Who has another address there than in the CRM was asked about by it.
       case when lower(btrim(p.address)) <> p.subscriber_key then p.address else coalesce(d.address, p.address,
           p.subscriber_key) end, s.remote_id, d.payload_hash,
       -- For who is held already: what to take out of the lists.
       p.joins, p.leaves,
       case p.verb when 'suppress' then 'suppressed' when 'archive' then 'archived' else 'active' end,
       d.fields, s.remark, %(run_id)s,
       case when e.contact_id is not null
            then concat(btrim(e.first_name), btrim(e.last_name), btrim(e.organization_name)) <> '' end
from run
join people p on p.verb is not null
left join said s on s.operation_id = p.operation_id
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = p.subscriber_key
left join crm_sync.extracted e on e.run_id = %(run_id)s and e.contact_id = d.contact_id
on conflict (provider, subscriber_key) do update
    set contact_id = coalesce(excluded.contact_id, h.contact_id),
        contact_ids = case when excluded.contact_id is null then h.contact_ids else excluded.contact_ids end,
        address = case when excluded.state = 'active' then excluded.address else h.address end,
        payload_hash = case when excluded.state = 'active' then excluded.payload_hash else h.payload_hash end,
        named = case when excluded.state = 'active' then excluded.named else h.named end,
        fields = case when excluded.state = 'active' then coalesce(excluded.fields, h.fields) else h.fields end,
        remark = excluded.remark,
        remote_id = coalesce(excluded.remote_id, h.remote_id),
        lists = case when h.lists = '{}' then excluded.lists
                     when excluded.lists = '{}' and excluded.unanswered_lists = '{}' then h.lists
                     else array(select l from unnest(h.lists || excluded.lists) as l
                                where l <> all (excluded.unanswered_lists) group by l order by l) end,
        unanswered_lists = case when h.unanswered_lists = '{}' then '{}'
                                else array(select l from unnest(h.unanswered_lists) as l
                                           where l <> all (excluded.lists || excluded.unanswered_lists)) end,
        state = excluded.state, managed = true, run_id = excluded.run_id,
        reason = null, refused_hash = null, refused_at = null, retry_at = null, tries = 0, unanswered_verb = null;

-- name: fold_untouched (run_id, provider) -> rows touched
-- Subscribers that the run looked at and had nothing to ask about: nothing is left to retry, and who stands behind
-- them is noted.
with untouched as (
    select d.subscriber_key, d.contact_id, d.contact_ids, d.payload_hash, d.wanted as is_wanted
    from crm_sync.desired d
    where d.run_id = %(run_id)s and not exists (
        select from crm_sync.planned_operation p join crm_sync.run r using (run_id)
        where p.run_id = %(run_id)s and p.subscriber_key = d.subscriber_key and p.operation_id > r.folded_to)
    union all
    select s.subscriber_key, null, null, null, false
    from crm_sync.scope_subscriber s
    where s.run_id = %(run_id)s
      and not exists (select from crm_sync.desired d
          where d.run_id = %(run_id)s and d.subscriber_key = s.subscriber_key)
      and not exists (
        select from crm_sync.planned_operation p join crm_sync.run r using (run_id)
        where p.run_id = %(run_id)s and p.subscriber_key = s.subscriber_key and p.operation_id > r.folded_to)
)
update crm_sync.holding h
set contact_id = coalesce(u.contact_id, h.contact_id),
    contact_ids = coalesce(u.contact_ids, h.contact_ids),
    reason = case when h.reason = 'deferred' or h.tries > 0
                      or (h.state = 'active' and u.payload_hash = h.payload_hash) then null
                  else h.reason end,
    retry_at = case when h.retry_at > coalesce((select extracted_at from crm_sync.run where run_id = %(run_id)s), now())
                         and u.is_wanted then h.retry_at end,
    tries = 0
from untouched u
where h.provider = %(provider)s and h.subscriber_key = u.subscriber_key
  and (h.contact_ids is distinct from u.contact_ids or h.contact_id is distinct from u.contact_id
       or h.reason is not null or h.retry_at is not null);

-- name: fold_refusals (run_id, rests, retry_at) -> rows touched
-- What was refused and not accepted afterwards stays as a row with its reason, and is offered again when it changes
-- or its time has come.
with refused as (
    select distinct on (o.subscriber_key) o.provider, o.subscriber_key, o.address, o.reason, o.verb
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.status = 'refused' and o.subscriber_key is not null
      and o.reason not in ('subscriber_refused', 'list_gone')
      and not (o.verb = 'change_address' and exists (
          select from crm_sync.unfolded c
          where c.run_id = o.run_id and c.subscriber_key = o.subscriber_key and c.verb = 'create'
            and c.operation_id > o.operation_id))
      and not exists (
          select from crm_sync.unfolded later
          where later.run_id = o.run_id and later.subscriber_key = o.subscriber_key
              and later.operation_id > o.operation_id
            and later.status = 'applied' and later.list_id is not distinct from o.list_id)
    order by o.subscriber_key, o.operation_id desc
)
insert into crm_sync.holding as h (provider, subscriber_key, contact_id, contact_ids, address, state, reason,
    refused_hash, refused_at, retry_at, run_id)
select r.provider, r.subscriber_key, d.contact_id, coalesce(d.contact_ids, '{}'),
    coalesce(d.address, r.address, r.subscriber_key),
        case when r.reason in ('opted_out', 'cleaned') then r.reason else 'absent' end, r.reason, d.payload_hash, now(),
       case when r.reason in ('opted_out', 'cleaned') then null
            else coalesce(now() + make_interval(hours => (%(rests)s::jsonb ->> r.reason)::integer), %(retry_at)s) end,
       %(run_id)s
from refused r
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = r.subscriber_key
on conflict (provider, subscriber_key) do update
    set state = case when excluded.state <> 'absent' then excluded.state
                     when excluded.reason = 'archived_there' then 'archived' else h.state end,
        contact_id = coalesce(excluded.contact_id, h.contact_id),
        contact_ids = case when excluded.contact_id is null then h.contact_ids else excluded.contact_ids end,
        reason = excluded.reason, refused_hash = excluded.refused_hash, refused_at = excluded.refused_at,
        retry_at = excluded.retry_at, run_id = excluded.run_id,
        tries = 0, unanswered_verb = null;

-- name: fold_opt_outs (run_id) -> rows touched
-- An opt-out that only the push brought to light: of the address it was about, and of the person's in the CRM where
-- that is another one.
with told as (
    select distinct on (o.subscriber_key) o.provider, o.subscriber_key, o.reason, h.remote_id, h.contact_ids,
           case when position('@' in o.subscriber_key) > 0 then coalesce(lower(btrim(o.address)), o.subscriber_key)
                else o.subscriber_key end as is_at
    from crm_sync.not_applied o
    left join crm_sync.holding h on h.provider = o.provider and h.subscriber_key = o.subscriber_key
    where o.run_id = %(run_id)s and o.status = 'refused' and o.reason in ('opted_out', 'cleaned')
      and o.subscriber_key is not null
    order by o.subscriber_key, o.operation_id desc
), closed as (
    select distinct on (subscriber_key) provider, subscriber_key, reason, remote_id, contact_ids
    from (
        select provider, is_at as subscriber_key, reason, remote_id, null::bigint[] as contact_ids from told
        union all
        select provider, subscriber_key, reason, remote_id, contact_ids from told where is_at <> subscriber_key
    ) both_ways
    order by subscriber_key, contact_ids nulls first
)
insert into crm_sync.opt_out as o (provider, subscriber_key, reason, remote_id, contact_ids, run_id, account,
    crm_written_at)
select provider, subscriber_key, case reason when 'cleaned' then 'cleaned' else 'unsubscribed' end, remote_id,
    contact_ids, %(run_id)s, (select account from crm_sync.run where run_id = %(run_id)s),
       case reason when 'cleaned' then now() end
from closed
on conflict (provider, subscriber_key) do update
    set lifted_at = null, seen_at = now(), remote_id = coalesce(excluded.remote_id, o.remote_id),
        contact_ids = excluded.contact_ids, account = excluded.account
    where o.lifted_at is not null;

-- name: fold_lists_refused (retry_at, run_id) -> rows touched
-- A list that was refused, and one whose own call fails: tried again as people are.
insert into crm_sync.list_holding as h (provider, list_id, crm_name, reason, retry_at, tries, run_id)
select distinct on (o.list_id) o.provider, o.list_id, e.name, o.reason,
       case when o.isolated then now() + interval '10 minutes' else %(retry_at)s end, o.isolated::integer, o.run_id
from crm_sync.not_applied o
left join crm_sync.extracted_list e on e.run_id = o.run_id and e.list_id = o.list_id
where o.run_id = %(run_id)s and (o.status = 'refused' or o.isolated)
  and o.verb in ('create_list', 'rename_list', 'delete_list')
order by o.list_id, o.operation_id desc
on conflict (provider, list_id) do update
    set crm_name = excluded.crm_name, reason = excluded.reason,
        tries = case when excluded.tries > 0 then h.tries + 1 else 0 end,
        retry_at = case when excluded.tries > 0
                        then now() + least(interval '1 day', interval '10 minutes' * power(2, least(h.tries, 8)))
                        else excluded.retry_at end,
        run_id = excluded.run_id;

-- name: fold_lists_gone (run_id, provider) -> rows touched
-- A list that was deleted, by the plan or by hand there, is nobody's list any more. Deleted by hand: a row says so
-- until it is made again, and its people, and those who would have joined it, are read again.
with gone as (
    select list_id, bool_or(verb <> 'delete_list') as by_hand
    from (
        select p.list_id, p.verb from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
        where p.run_id = %(run_id)s and p.list_id is not null and p.verb = 'delete_list' and o.status = 'applied'
        union all
        select list_id, verb from crm_sync.not_applied
        where run_id = %(run_id)s and status = 'refused' and reason = 'list_gone'
    ) each
    group by list_id
), missed as (
    select distinct subscriber_key from crm_sync.not_applied
    where run_id = %(run_id)s and provider = %(provider)s and verb = 'add_to_list' and status = 'refused'
      and reason = 'list_gone'
), forgotten as (
    delete from crm_sync.list_holding l using gone g
    where l.provider = %(provider)s and l.list_id = g.list_id and not g.by_hand
), missing as (
    update crm_sync.list_holding l set remote_id = null, name = null, reason = 'list_gone', retry_at = now()
    from gone g where l.provider = %(provider)s and l.list_id = g.list_id and g.by_hand
)
update crm_sync.holding h
set lists = (select coalesce(array_agg(l order by l), '{}') from unnest(h.lists) as l
             where l not in (select list_id from gone)),
    retry_at = case when h.subscriber_key in (select subscriber_key from missed)
                         or (select bool_or(g.by_hand and g.list_id = any (h.lists)) from gone g) then now()
                    else h.retry_at end
where h.provider = %(provider)s and exists (select from gone)
  and (h.lists && (select array_agg(list_id) from gone) or h.subscriber_key in (select subscriber_key from missed));

-- name: fold_deferred (run_id, next_day) -> rows touched
-- Who was left over, and was not answered for after all when the run was planned again, is read again by the next run.
-- Whose own call fails is a row with its reason, and has pauses from ten minutes to a day, doubled each time.
with left_over as (
    select distinct on (o.subscriber_key) o.provider, o.subscriber_key, o.address, o.reason, o.isolated
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.subscriber_key is not null and o.status = 'deferred'
      and not exists (
        select from crm_sync.unfolded later
        where later.run_id = o.run_id and later.subscriber_key = o.subscriber_key
            and later.operation_id > o.operation_id
          and later.status in ('applied', 'refused')
          and later.list_id is not distinct from o.list_id)
    order by o.subscriber_key, o.isolated desc, o.operation_id desc
)
insert into crm_sync.holding as h (provider, subscriber_key, contact_id, contact_ids, address, state, reason,
    refused_at, retry_at, tries, run_id)
select o.provider, o.subscriber_key, d.contact_id, coalesce(d.contact_ids, '{}'),
    coalesce(d.address, o.address, o.subscriber_key), 'absent', case when o.isolated then o.reason else 'deferred' end,
        now(), case when o.isolated then now() + interval '10 minutes'
            when o.reason = 'daily_quota' then coalesce(r.calls_again_at, %(next_day)s::timestamptz) else now() end,
       o.isolated::integer, %(run_id)s
from left_over o
left join crm_sync.run r on r.run_id = %(run_id)s and r.calls_again_at > now()
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = o.subscriber_key
on conflict (provider, subscriber_key) do update
    set tries = h.tries + excluded.tries,
        retry_at = case when excluded.tries > 0
                        then now() + least(interval '1 day', interval '10 minutes' * power(2, least(h.tries, 8)))
                        else excluded.retry_at end,
        reason = case when excluded.tries > 0 then excluded.reason else coalesce(h.reason, 'deferred') end,
        refused_at = case when (excluded.tries > 0 and h.tries = 0) or h.reason is null then now()
                          else h.refused_at end;

-- name: fold_unanswered (run_id) -> rows touched
-- A call whose answer was lost may have had its effect: until it is known, the next plan asks again, whatever the CRM
-- wants by then. A subscriber that may have moved took its lists along.
with lost as (
    select o.provider, o.subscriber_key, o.from_subscriber_key, o.verb, o.list_id, o.operation_id
    from crm_sync.not_applied o
    where o.run_id = %(run_id)s and o.status = 'deferred' and o.sent_at is not null and o.subscriber_key is not null
      and not exists (
          select from crm_sync.unfolded later
          where later.run_id = o.run_id and later.subscriber_key = o.subscriber_key
              and later.operation_id > o.operation_id
            and later.status in ('applied', 'refused')
            and (later.list_id = o.list_id or (later.list_id is null and o.list_id is null)))
), people as (
    select provider, subscriber_key,
           (array_agg(verb order by operation_id desc) filter (where list_id is null))[1] as verb,
           coalesce(array_agg(distinct list_id) filter (where list_id is not null), '{}') as lists
    from (
        select provider, subscriber_key, verb, list_id, operation_id from lost
        union all
        select provider, from_subscriber_key, verb, null, operation_id from lost where verb = 'change_address'
        union all
        select f.provider, who.subscriber_key, null, unnest(f.lists), l.operation_id
        from lost l
        join crm_sync.holding f on f.provider = l.provider and f.subscriber_key = l.from_subscriber_key
        cross join lateral (values (l.subscriber_key), (l.from_subscriber_key)) as who (subscriber_key)
        where l.verb = 'change_address'
    ) asked
    group by provider, subscriber_key
)
update crm_sync.holding h
set unanswered_verb = coalesce(p.verb, h.unanswered_verb),
    unanswered_lists = array(select distinct unnest(h.unanswered_lists || p.lists) order by 1),
    retry_at = coalesce(h.retry_at, now())
from people p
where h.provider = p.provider and h.subscriber_key = p.subscriber_key;

-- name: fold_lists_unanswered (run_id) -> rows touched
-- A list whose renaming was not answered has the old name or the new one there: none is known, so that it is renamed
-- again.
update crm_sync.list_holding h
set name = null, retry_at = case when h.tries > 0 then h.retry_at else now() end
from (
    select distinct on (o.list_id) o.provider, o.list_id, o.status, o.sent_at
    from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
    where p.run_id = %(run_id)s and p.list_id is not null and o.verb in ('rename_list', 'delete_list')
      and (o.status <> 'deferred' or o.sent_at is not null)
    order by o.list_id, o.operation_id desc
) o
where o.status = 'deferred' and h.provider = o.provider and h.list_id = o.list_id and h.remote_id is not null;

-- name: fold_absent (run_id, everyone, provider) -> rows touched
-- A refusal of somebody who is not wanted any more is history, not an exception.
with looked_at as (
    select subscriber_key from crm_sync.scope_subscriber where run_id = %(run_id)s
    union all
    select subscriber_key from crm_sync.holding where %(everyone)s and provider = %(provider)s and state = 'absent'
), unwanted as materialized (
    -- Nearly nobody, and found before the ledger is asked, in which this run may have written as many.
    select subscriber_key from looked_at
    where subscriber_key not in (select d.subscriber_key from crm_sync.desired d
        where d.run_id = %(run_id)s and d.wanted)
)
delete from crm_sync.holding h using unwanted u
where h.provider = %(provider)s and h.subscriber_key = u.subscriber_key and h.state = 'absent'
    and h.unanswered_verb is null;

-- name: fold_set_aside (provider, run_id, everyone) -> rows touched
update crm_sync.set_aside s set resolved_at = now()
where s.provider = %(provider)s and s.resolved_at is null and s.run_id <> %(run_id)s
  and (%(everyone)s
       or s.contact_id in (select contact_id from crm_sync.scope_contact where run_id = %(run_id)s)
       or s.contact_id in (select contact_id from crm_sync.extracted where run_id = %(run_id)s));

-- name: note_isolated (run_id) -> rows touched
-- What the run says of records whose own calls fail: how many, and why.
update crm_sync.run r
set notice = concat_ws('; ', r.notice, said.text)
from (
    select format('%s records are retried later because their own calls fail: %s', sum(records),
                  string_agg(format('%s (%s)', reason, records), ', ' order by records desc, reason)) as text
    from (
        select reason, count(distinct coalesce(subscriber_key, list_id::text)) as records from crm_sync.not_applied
        where run_id = %(run_id)s and status = 'deferred' and isolated
        group by reason
    ) counted
    having count(*) > 0
) said
where r.run_id = %(run_id)s and said.text is not null and position(said.text in coalesce(r.notice, '')) = 0;

-- name: mark_folded (run_id) -> rows touched
-- What a later plan of the same run took over, or waits as the run has said, is not left over.
update crm_sync.run r
set (left_over, waiting) = (
        select count(*) filter (where coalesce(o.reason, '') <> 'daily_quota' and not o.isolated), count(*)
        from crm_sync.not_applied o
        where o.run_id = r.run_id and o.status = 'deferred' and coalesce(o.reason, '') <> 'planned_anew'
    ),
    folded_to = greatest(r.folded_to,
                         coalesce((select max(p.operation_id) from crm_sync.planned_operation p
                                   where p.run_id = r.run_id), 0)),
    folded_at = now()
where r.run_id = %(run_id)s;

-- name: move_cursor (run_id) -> rows touched
-- The next run begins where this one read the CRM, and rests on the same.
insert into crm_sync.cursor as c (provider, snapshot, crm_identity, marker, read_marker, log_installed, run_id, account,
                                  fingerprint, held_back, compared_at, is_whole)
select provider, snapshot, crm_identity, marker, marker, log_installed, run_id, account, fingerprint, held_back,
       case when mode in ('full', 'compare') then extracted_at end, everyone
from crm_sync.run where run_id = %(run_id)s
on conflict (provider) do update
    set snapshot = excluded.snapshot, crm_identity = excluded.crm_identity, marker = excluded.marker,
        read_marker = excluded.marker, log_installed = excluded.log_installed,
        run_id = excluded.run_id, account = coalesce(excluded.account, c.account), fingerprint = excluded.fingerprint,
        held_back = excluded.held_back, compared_at = coalesce(excluded.compared_at, c.compared_at),
        is_whole = c.is_whole or excluded.is_whole;

-- name: note_included (provider, run_id) -> rows touched
-- A run that looked at everyone has brought these lists in line with the CRM.
update crm_sync.list_holding h set excluded = false
from crm_sync.extracted_list e
where h.provider = %(provider)s and e.run_id = %(run_id)s and e.list_id = h.list_id and h.excluded and not e.excluded;

-- name: fold_read (run_id, everyone, provider) -> rows touched
-- What this run read is what the next comparison begins with.
with looked_at as (
    select contact_id from crm_sync.scope_contact where run_id = %(run_id)s
    union all
    select contact_id from crm_sync.last_read where %(everyone)s and provider = %(provider)s
), gone as (
    delete from crm_sync.last_read l using looked_at s
    where l.provider = %(provider)s and l.contact_id = s.contact_id
      and not exists (select from crm_sync.extracted e where e.run_id = %(run_id)s and e.contact_id = l.contact_id)
)
insert into crm_sync.last_read as l (provider, contact_id, row_hash)
select distinct on (contact_id) %(provider)s, contact_id, row_hash from crm_sync.extracted where run_id = %(run_id)s
on conflict (provider, contact_id) do update set row_hash = excluded.row_hash
    where l.row_hash is distinct from excluded.row_hash;

-- name: prune_stages (provider, run_id) -> rows touched
-- What earlier runs handed from stage to stage is of no use once a later one is recorded.
with old as (select run_id from crm_sync.run where provider = %(provider)s and run_id < %(run_id)s),
     a as (delete from crm_sync.scope_contact where run_id in (select run_id from old)),
     b as (delete from crm_sync.scope_subscriber where run_id in (select run_id from old)),
     c as (delete from crm_sync.extracted_list where run_id in (select run_id from old)),
     d as (delete from crm_sync.extracted where run_id in (select run_id from old)),
     e as (delete from crm_sync.desired where run_id in (select run_id from old)),
     f as (delete from crm_sync.observed where run_id in (select run_id from old))
delete from crm_sync.observed_list where run_id in (select run_id from old);

-- name: prune_ledger (provider, run_id, before) -> rows touched
-- Old history goes by the retention setting; holdings, opt-outs and standing set-aside rows are the present and stay.
with old as (
    select run_id from crm_sync.run
    where provider = %(provider)s and run_id <> %(run_id)s and opened_at < %(before)s
      and state not in ('open', 'planned')
      and run_id not in (select run_id from crm_sync.question
                         where provider = %(provider)s and status in ('open', 'approved'))
), operations as (delete from crm_sync.planned_operation where run_id in (select run_id from old)),
     calls as (delete from crm_sync.call where run_id in (select run_id from old)),
     outcomes as (delete from crm_sync.outcome where run_id in (select run_id from old)),
     changes as (delete from crm_sync.changed_record where run_id in (select run_id from old)),
     rows_set_aside as (
         delete from crm_sync.set_aside
         where (run_id in (select run_id from old) and resolved_at is not null)
           or (run_id < 0 and provider = %(provider)s and resolved_at < %(before)s)
     )
delete from crm_sync.run where run_id in (select run_id from old);

-- name: prune_remembered (provider, before) -> rows touched
-- An old answer goes when the record of nobody who is held was sent with it; so does the note of who was sent with
-- which.
with unheld as (
    delete from crm_sync.relied_on u
    where u.provider = %(provider)s
      and not exists (select from crm_sync.holding h
                      where h.provider = u.provider and h.subscriber_key = u.subscriber_key and h.state = 'active')
)
delete from crm_sync.remembered r
where r.provider = %(provider)s and r.at < %(before)s
  and not exists (
    select from crm_sync.relied_on u
    join crm_sync.holding h on h.provider = u.provider and h.subscriber_key = u.subscriber_key and h.state = 'active'
    where u.provider = r.provider and u.kind = r.kind and u.key = r.key);

-- name: prune_looks (before) -> rows touched
delete from crm_sync.looked_at where looked_at < %(before)s;

-- name: prune_markers (before) -> rows touched
-- Markers that no later read asks for.
delete from crm_sync.marker m
where m.made_at < %(before)s and not exists (select from crm_sync.cursor c where m.token in (c.marker, c.read_marker));

-- name: left_over (run_id) -> left_over
-- Operations that the run leaves to the next one.
select left_over from crm_sync.run where run_id = %(run_id)s;
