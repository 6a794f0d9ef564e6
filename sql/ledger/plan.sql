-- The stage plan: what the provider holds against what the CRM wants, and what is to be asked of it.

-- name: clear (run_id) -> rows touched
-- What was never sent is planned again; what was sent and not answered is history, left to the new plan.
with unsettled as materialized (
    select operation_id, verb, list_id, status, sent_at from crm_sync.operation
    where run_id = %(run_id)s and status in ('pending', 'in_doubt', 'submitted', 'held', 'dropped')
), doubtful as (
    insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
    select %(run_id)s, operation_id, verb,
           case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'deferred',
           'planned_anew', max(sent_at)
    from unsettled where status in ('in_doubt', 'submitted') group by operation_id, verb
), unsent as (
    select operation_id, bool_or(verb not in ('add_to_list', 'remove_from_list')) as is_own,
           coalesce(array_agg(list_id) filter (where verb in ('add_to_list', 'remove_from_list')), '{}') as lists
    from unsettled where status in ('pending', 'held', 'dropped') group by operation_id
), not_held as (
    delete from crm_sync.outcome o using unsent u
    where o.run_id = %(run_id)s and o.operation_id = u.operation_id and o.status in ('held', 'dropped')
), emptied as (
    delete from crm_sync.planned_operation p using unsent u
    where p.operation_id = u.operation_id and (u.is_own or p.verb is null) and u.lists @> (p.joins || p.leaves)
    returning p.operation_id
)
update crm_sync.planned_operation p
set verb = case when not u.is_own then p.verb end,
    joins = array(select l from unnest(p.joins) as l where l <> all (u.lists)),
    leaves = array(select l from unnest(p.leaves) as l where l <> all (u.lists))
from unsent u
where p.operation_id = u.operation_id and not ((u.is_own or p.verb is null) and u.lists @> (p.joins || p.leaves));

-- name: has_loaded (run_id) -> boolean
-- Whether the run has sent anything, or left it over, since it was opened for the last time.
select exists (select from crm_sync.call c where c.run_id = r.run_id and c.sent_at > r.opened_at)
    or exists (select from crm_sync.outcome o
               where o.run_id = r.run_id and coalesce(o.sent_at, o.settled_at) > r.opened_at)
from crm_sync.run r
where r.run_id = %(run_id)s;

-- name: reconcile_lists (provider, run_id) -> rows touched
-- After reading back: a list that is gone there is forgotten here, so that it is made again.
delete from crm_sync.list_holding h
where h.provider = %(provider)s and h.remote_id is not null
  and not exists (select from crm_sync.observed_list o where o.run_id = %(run_id)s and o.remote_id = h.remote_id);

-- name: extracted_lists (run_id) -> list_id, name
select list_id, name from crm_sync.extracted_list where run_id = %(run_id)s and not excluded order by list_id;

-- name: note_excluded (provider, run_id) -> rows touched
-- Lists that the settings exclude are known as such, even when the CRM has them no more. That a list is not excluded
-- any more, record notes: until then nobody has looked at those who left it meanwhile.
update crm_sync.list_holding h set excluded = true
from crm_sync.extracted_list e
where h.provider = %(provider)s and e.run_id = %(run_id)s and e.list_id = h.list_id and e.excluded and not h.excluded;

-- name: forget_excluded (provider) -> rows touched
-- Excluded lists are to be deleted.
update crm_sync.list_holding set excluded = false where provider = %(provider)s and excluded;

-- name: excluded_lists (run_id, provider) -> list_id
select h.list_id from crm_sync.list_holding h
left join crm_sync.extracted_list e on e.run_id = %(run_id)s and e.list_id = h.list_id
where h.provider = %(provider)s and coalesce(e.excluded, h.excluded) order by h.list_id;

-- name: lists_to_adopt (list_ids, names, provider, run_id) -> list_id, crm_name, name, remote_id, members, wanted, seen
-- Lists of the CRM without one there, beside a list there that no list of the ledger is, under the name the plan
-- would give: how many people it has, and how many of them the CRM wants in it. Of several the one with most of them,
-- and none for two.
with candidate as (
    select e.list_id, e.name as crm_name, o.name, o.remote_id, coalesce(o.members, 0) as members,
           coalesce(m.wanted, 0) as wanted, coalesce(m.seen, 0) as seen
    from crm_sync.extracted_list e
    join unnest(%(list_ids)s::bigint[], %(names)s::text[]) as target (list_id, name) on target.list_id = e.list_id
    join crm_sync.observed_list o on o.run_id = e.run_id and lower(btrim(o.name)) = lower(target.name)
    left join crm_sync.list_holding h on h.provider = %(provider)s and h.list_id = e.list_id and h.remote_id is not null
    left join crm_sync.list_holding taken on taken.provider = %(provider)s and taken.remote_id = o.remote_id
    left join lateral (
        select count(*) as seen, count(*) filter (where e.list_id = any (d.lists)) as wanted
        from crm_sync.observed v
        left join crm_sync.desired d on d.run_id = v.run_id and d.subscriber_key = v.subscriber_key
        where v.run_id = e.run_id and o.remote_id = any (v.remote_lists)
    ) m on true
    where e.run_id = %(run_id)s and not e.excluded and h.list_id is null and taken.list_id is null
), for_each_list as (
    select distinct on (list_id) * from candidate order by list_id, wanted desc, remote_id
)
select distinct on (remote_id) * from for_each_list order by remote_id, list_id;

-- name: adopt_list (provider, list_id, remote_id, name, crm_name, run_id) -> rows touched
insert into crm_sync.list_holding (provider, list_id, remote_id, name, crm_name, run_id)
values (%(provider)s, %(list_id)s, %(remote_id)s, %(name)s, %(crm_name)s, %(run_id)s)
on conflict (provider, list_id) do update
    set remote_id = excluded.remote_id, name = excluded.name, crm_name = excluded.crm_name, reason = null,
        retry_at = null, run_id = excluded.run_id;

-- name: reconcile_holdings (provider, run_id, further, coming) -> rows touched
-- After reading back: the ledger becomes what the provider holds. A person known by the provider's own id is the same
-- person under another address there, and keeps it; others are known by address. People who are gone there are
-- forgotten here; people who exist there and are wanted by the CRM, or are in one of our lists, are adopted. A stranger
-- in one of our lists is not managed: leaves the list, stays there. Who has there all that the CRM says is as wanted: a
-- value that the CRM lacks, or that is none of its, is the marketers'. Nor is another address there, that the person
-- chose, a difference, nor a null, which cannot be held there.
with list_sets as materialized (
    -- People are many, and different sets of lists are few.
    select v.remote_lists, array(
               select h.list_id from crm_sync.list_holding h
               where h.provider = %(provider)s and h.remote_id = any (v.remote_lists) order by h.list_id) as lists
    from (select distinct remote_lists from crm_sync.observed where run_id = %(run_id)s) v
), twice as (
    select remote_id from crm_sync.holding where provider = %(provider)s and remote_id is not null
    group by remote_id having count(*) > 1
), as_held as materialized (
    -- Nearly everybody is there as the ledger says, known by one id and one address, and as the CRM wants; nothing is
    -- to be said of them.
    select v.subscriber_key
    from crm_sync.observed v
    join list_sets l on l.remote_lists = v.remote_lists
    join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = v.subscriber_key
        and h.remote_id = v.remote_id
        and h.address = v.address and h.payload_hash = v.payload_hash and h.lists = l.lists
    join crm_sync.desired d on d.run_id = v.run_id and d.subscriber_key = v.subscriber_key
        and d.payload_hash = v.payload_hash
    where v.run_id = %(run_id)s and v.status = 'subscribed' and h.state = 'active' and h.reason is null and h.managed
      and h.contact_id is not null and v.remote_id not in (select remote_id from twice)
), known as materialized (
    select distinct on (remote_id) remote_id, subscriber_key
    from crm_sync.holding
    where provider = %(provider)s and remote_id is not null and subscriber_key not in (select subscriber_key
        from as_held)
    order by remote_id, (lower(btrim(address)) = subscriber_key) desc, subscriber_key
), seen as materialized (
    -- The holder of the very address that the CRM has is that person, if need be before the one who is known by
    -- id; but an archived one is nobody.
    select distinct on (coalesce(k.subscriber_key, v.subscriber_key)) coalesce(k.subscriber_key,
        v.subscriber_key) as subscriber_key, v.subscriber_key as is_at,
           v.address, v.remote_id, v.payload_hash, v.fields, v.status, coalesce(l.lists, '{}') as lists
    from crm_sync.observed v
    left join known k on k.remote_id = v.remote_id
        and (k.subscriber_key = v.subscriber_key
             or not exists (
                 select from crm_sync.observed w
                 where w.run_id = v.run_id and w.subscriber_key = k.subscriber_key and w.status <> 'archived'
                   and not exists (select from known o
                       where o.remote_id = w.remote_id and o.subscriber_key <> k.subscriber_key)))
    left join list_sets l on l.remote_lists = v.remote_lists
    where v.run_id = %(run_id)s and v.subscriber_key not in (select subscriber_key from as_held)
      and coalesce(k.subscriber_key, v.subscriber_key) not in (select subscriber_key from as_held)
    order by coalesce(k.subscriber_key, v.subscriber_key), v.status = 'archived',
        (coalesce(k.subscriber_key, v.subscriber_key) = v.subscriber_key) desc,
             v.subscriber_key
), gone as (
    delete from crm_sync.holding h
    where h.provider = %(provider)s and h.state <> 'absent' and h.subscriber_key not in (select subscriber_key
        from seen)
      and h.subscriber_key not in (select subscriber_key from as_held)
), there as (
    select s.subscriber_key, d.contact_id, coalesce(d.contact_ids, '{}') as contact_ids, s.address, s.remote_id,
        s.lists, case when s.payload_hash <> d.payload_hash and (s.is_at <> s.subscriber_key or s.address = d.address)
                     and s.fields @> said.values then d.payload_hash
                when s.is_at <> s.subscriber_key
                    and d.subscriber_key is not null then md5(d.address || '|' || s.fields::text)
                else s.payload_hash end as payload_hash, s.fields,
           case s.status when 'subscribed' then 'active'
                when 'unsubscribed' then case when o.subscriber_key is null then 'suppressed' else 'opted_out' end
                when 'transactional' then 'archived'
                else s.status end as state,
           case s.status when 'unsubscribed' then case when o.subscriber_key is not null then 'opted_out' end
                when 'cleaned' then 'cleaned'
                when 'pending' then 'pending_confirmation' end as reason,
           -- People who are only in lists that the settings leave out are not ours.
           coalesce(d.wanted or d.blocked or d.frozen, false) as managed
    from seen s
    left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = s.subscriber_key
    left join crm_sync.opt_out o on o.provider = %(provider)s and o.subscriber_key = s.is_at and o.lifted_at is null
        and o.contact_ids is null
    left join lateral (
        select coalesce(jsonb_object_agg(key, value)
                        filter (where (value <> '""' or key = any (%(further)s::text[]))
                                  and (s.fields -> key is distinct from 'null'
                                       or key = any (%(coming)s::text[]))), '{}') as values
        from jsonb_each(d.fields)
    ) said on s.payload_hash <> d.payload_hash
)
insert into crm_sync.holding as h (provider, subscriber_key, contact_id, contact_ids, address, remote_id, payload_hash,
    fields, lists, state, reason, managed, run_id)
select %(provider)s, t.subscriber_key, t.contact_id, t.contact_ids, t.address, t.remote_id, t.payload_hash, t.fields,
    t.lists, t.state, t.reason, t.managed, %(run_id)s
from there t
left join crm_sync.holding known on known.provider = %(provider)s and known.subscriber_key = t.subscriber_key
where case when known.subscriber_key is null then t.managed or t.lists <> '{}'
      -- Nearly everybody is held as the ledger says, and is not written again.
      else (known.address, known.remote_id, known.payload_hash, known.lists, known.state, known.reason)
               is distinct from (t.address, t.remote_id, t.payload_hash, t.lists, t.state, t.reason)
           or known.contact_id is null or (t.managed and not known.managed) end
on conflict (provider, subscriber_key) do update
    set address = excluded.address, remote_id = excluded.remote_id, payload_hash = excluded.payload_hash,
        fields = excluded.fields, lists = excluded.lists,
        contact_id = coalesce(h.contact_id, excluded.contact_id),
        contact_ids = case when h.contact_id is null then excluded.contact_ids else h.contact_ids end,
        state = excluded.state,
        reason = case when excluded.reason is null and h.state in ('opted_out', 'cleaned', 'pending', 'absent')
                      then null
                      else coalesce(excluded.reason, h.reason) end,
        managed = h.managed or excluded.managed;

-- name: reconcile_unanswered (provider) -> rows touched
-- After reading back, nothing is in doubt any more.
update crm_sync.holding set unanswered_verb = null, unanswered_lists = '{}'
where provider = %(provider)s and (unanswered_verb is not null or unanswered_lists <> '{}');

-- name: addresses_to_free (provider, run_id) -> subscriber_key, there
-- People who changed their address there, and whose address of the CRM somebody else has there now; and everyone who is
-- archived under an address that the CRM has of somebody else. They are known by the address they are there by from
-- now on.
with chose as materialized (
    select h.subscriber_key, lower(btrim(h.address)) as there
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = d.subscriber_key
    where d.run_id = %(run_id)s and h.state <> 'absent' and lower(btrim(h.address)) <> h.subscriber_key
      and not d.contact_ids && h.contact_ids
    union
    select h.subscriber_key, lower(btrim(h.address))
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and lower(btrim(h.address)) = d.subscriber_key
        and lower(btrim(h.address)) <> h.subscriber_key
    where d.run_id = %(run_id)s and d.wanted and h.state = 'archived'
      and not exists (select from crm_sync.desired o
          where o.run_id = %(run_id)s and o.subscriber_key = h.subscriber_key and o.wanted)
)
select c.subscriber_key, c.there from chose c
where not exists (select from crm_sync.holding n
                  where n.provider = %(provider)s and n.subscriber_key = c.there and n.state <> 'absent');

-- name: forget_absent (provider, subscriber_key) -> rows touched
-- A refusal of an address that is about to be somebody's: one row has it.
delete from crm_sync.holding where provider = %(provider)s and subscriber_key = %(subscriber_key)s and state = 'absent';

-- name: free_address (run_id, there, provider, subscriber_key) -> rows touched
-- People who chose another address at the provider are known by it from now on, in this run too.
with scoped as (
    insert into crm_sync.scope_subscriber (run_id, subscriber_key) values (%(run_id)s, %(there)s) on conflict do nothing
)
update crm_sync.holding set subscriber_key = %(there)s
    where provider = %(provider)s and subscriber_key = %(subscriber_key)s;

-- name: offer_freed (now, provider, reasons, run_id, everyone) -> rows touched
-- A person who was refused because another one had the address is due in the run that takes it from that one.
update crm_sync.holding w set retry_at = %(now)s
from crm_sync.desired d
where w.provider = %(provider)s and w.reason = any (%(reasons)s::text[]) and d.run_id = %(run_id)s
  and d.subscriber_key = w.subscriber_key and d.wanted
  and exists (
      select from crm_sync.holding h
      left join crm_sync.desired o on o.run_id = %(run_id)s and o.subscriber_key = h.subscriber_key
      where h.provider = w.provider and h.subscriber_key <> w.subscriber_key and h.state = 'active'
        and lower(btrim(h.address)) = lower(btrim(d.address))
        and (%(everyone)s
             or exists (select from crm_sync.scope_subscriber s
                 where s.run_id = %(run_id)s and s.subscriber_key = h.subscriber_key))
        and (o.wanted and lower(btrim(o.address)) = lower(btrim(h.address))) is not true);

-- name: lists_by_record (provider, run_id) -> rows touched
-- Where a list is made by the records that name it, it is held as soon as the CRM has it, and under its own number.
with gone as (
    delete from crm_sync.list_holding h
    where h.provider = %(provider)s and not h.excluded
      and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id)
)
insert into crm_sync.list_holding (provider, list_id, remote_id, name, crm_name, run_id)
select %(provider)s, list_id, list_id::text, name, name, %(run_id)s from crm_sync.extracted_list
where run_id = %(run_id)s and not excluded
on conflict (provider, list_id) do update
    set name = excluded.name, crm_name = excluded.crm_name, run_id = excluded.run_id;

-- name: forget_lists (provider, run_id) -> rows touched
-- A list that was never made there and is not wanted any more leaves no trace.
delete from crm_sync.list_holding h
where h.provider = %(provider)s and h.remote_id is null
  and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id);

-- name: lists_to_plan (now, run_id, provider) -> wanted_id, wanted_name, held_id, held_name, remote_id, crm_name,
--     reason, may_retry
select e.list_id as wanted_id, e.name as wanted_name, h.list_id as held_id, h.name as held_name, h.remote_id,
       h.crm_name, h.reason, coalesce(h.retry_at <= %(now)s, true) as may_retry
from (select * from crm_sync.extracted_list where run_id = %(run_id)s) e
full join (select * from crm_sync.list_holding where provider = %(provider)s) h using (list_id)
where not coalesce(e.excluded, h.excluded);

-- name: to_plan (provider, run_id, everyone, now, rests, pilot, resend) -> subscriber_key, contact_id, is_desired,
--     is_wanted, is_blocked, is_frozen, is_organization, address, payload_hash, lists, held_state, held_address,
--     keeps_address, held_hash, held_lists, is_managed, refused_hash, may_retry, rests, closed_reason, moves_from,
--     moves_from_address, moved_lists, is_leaving, owner_is_blocked, is_outside
-- One row for each subscriber of the run's scope: what the CRM wants (desired), what the ledger holds (held), and
-- whether it moves. People who are held as wanted, nearly everyone when all are compared, are left out, unless
-- all is sent again.
with chosen as materialized (
    -- Addresses that people chose for themselves there; nobody else can have them.
    select h.subscriber_key as of_key, d.subscriber_key
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and lower(btrim(h.address)) = d.subscriber_key
        and lower(btrim(h.address)) <> h.subscriber_key
    where d.run_id = %(run_id)s and h.state <> 'absent'
), moved as materialized (
    select distinct on (d.subscriber_key) d.subscriber_key as to_subscriber_key,
        h.subscriber_key as from_subscriber_key, h.lists, h.unanswered_lists,
           h.address
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and h.contact_id = d.contact_id
        and h.subscriber_key <> d.subscriber_key
    where d.run_id = %(run_id)s and h.state = 'active' and d.wanted and not d.frozen
      and not exists (select from crm_sync.desired x
          where x.run_id = d.run_id and x.subscriber_key = h.subscriber_key and x.wanted)
      and not exists (select from crm_sync.holding n
                      where n.provider = h.provider and n.subscriber_key = d.subscriber_key and n.state <> 'absent')
      and not exists (select from crm_sync.opt_out o
                      where o.provider = h.provider and o.subscriber_key = h.subscriber_key and o.lifted_at is null
                        and (o.contact_ids is null or o.contact_ids && h.contact_ids))
      and not exists (select from crm_sync.opt_out o
                      where o.provider = h.provider and o.subscriber_key = d.subscriber_key and o.lifted_at is null
                        and (o.contact_ids is null or o.contact_ids && h.contact_ids))
      and not exists (select from chosen c where c.subscriber_key = d.subscriber_key and c.of_key <> h.subscriber_key)
    order by d.subscriber_key, h.subscriber_key
), leaving as (select from_subscriber_key as subscriber_key from moved),
refusing as materialized (
    -- Do Not Contact of people without an address: they are no subscriber any more, and held under the old one.
    select e.contact_id from crm_sync.extracted e join crm_sync.run r using (run_id)
    where e.run_id = %(run_id)s and e.subscriber_key is null
      and (e.do_not_contact
           or (e.flagged_lists <> '{}' and (r.do_not_contact_scope <> 'list' or e.flagged_lists @> e.lists)))
),
scope as (
    select subscriber_key from crm_sync.desired where run_id = %(run_id)s
    union select subscriber_key from crm_sync.scope_subscriber where run_id = %(run_id)s
    union select subscriber_key from crm_sync.holding where provider = %(provider)s and %(everyone)s
)
select s.subscriber_key, coalesce(d.contact_id, h.contact_id) as contact_id,
       d.subscriber_key is not null as is_desired, coalesce(d.wanted, false) as is_wanted,
       coalesce(d.blocked, false) as is_blocked, coalesce(d.frozen, false) as is_frozen,
       coalesce(d.is_organization, false) as is_organization,
       d.address, d.payload_hash, coalesce(d.lists, '{}')::text as lists,
       -- Where an answer was lost, the ledger is read so that the plan asks again: for whatever is wanted, and
       -- against whatever is not.
       case when h.unanswered_verb is null or h.state in ('opted_out', 'cleaned', 'pending') then coalesce(h.state, '')
            when not t.is_wanted then 'active'
            when h.unanswered_verb = 'suppress' then 'suppressed'
            else h.state end as held_state,
       h.address as held_address,
       coalesce(h.state <> 'absent' and lower(btrim(h.address)) <> h.subscriber_key, false) as keeps_address,
       case when h.unanswered_verb is null then h.payload_hash end as held_hash,
       case when h.unanswered_lists <> '{}' then array(
                select l from unnest(h.lists || h.unanswered_lists) as l
                where l <> all (h.unanswered_lists) or l <> all (t.lists) group by l order by l)
            else coalesce(h.lists, '{}') end::text as held_lists,
       coalesce(h.managed or h.unanswered_verb is not null, true) as is_managed, h.refused_hash,
       coalesce(h.retry_at <= %(now)s, true) as may_retry,
       coalesce(h.reason = any (%(rests)s::text[]) and h.retry_at > %(now)s, false) as rests,
       -- An address that somebody else chose there is taken.
       coalesce(o.reason, case when c.subscriber_key is not null and coalesce(h.state, 'absent') = 'absent'
                               then 'address_taken' end) as closed_reason,
       m.from_subscriber_key as moves_from, m.address as moves_from_address,
       case when m.unanswered_lists <> '{}' then array(
                select l from unnest(m.lists || m.unanswered_lists) as l
                where l <> all (m.unanswered_lists) or l <> all (t.lists) group by l order by l)
            else m.lists end::text as moved_lists,
       l.subscriber_key is not null as is_leaving,
       exists (select from crm_sync.desired b where b.run_id = %(run_id)s and b.contact_id = h.contact_id and b.blocked)
           or h.contact_id in (select contact_id from refusing) as owner_is_blocked,
       coalesce(d.outside_pilot, %(pilot)s and not h.managed, false) as is_outside
from scope s
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subscriber_key = s.subscriber_key
left join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = s.subscriber_key
left join crm_sync.opt_out o on o.provider = %(provider)s and o.subscriber_key = s.subscriber_key
    and o.lifted_at is null
    and (o.contact_ids is null or o.contact_ids && coalesce(d.contact_ids, h.contact_ids))
cross join lateral (
    select coalesce(d.wanted, false) and o.subscriber_key is null as is_wanted,
           case when d.wanted and o.subscriber_key is null then d.lists else '{}' end as lists
) t
left join moved m on m.to_subscriber_key = s.subscriber_key
left join leaving l on l.subscriber_key = s.subscriber_key
left join chosen c on c.subscriber_key = s.subscriber_key and c.of_key is distinct from m.from_subscriber_key
where %(resend)s
   or not coalesce(d.wanted and not d.frozen and h.state = 'active' and h.payload_hash = d.payload_hash
                   and h.lists = d.lists and h.unanswered_verb is null and h.unanswered_lists = '{}'
                   and o.subscriber_key is null and m.to_subscriber_key is null and l.subscriber_key is null
                       and c.subscriber_key is null, false);

-- name: list_sets (run_id) -> kind, lists, people
-- How many people of the run change the same set of lists, by how: with the call that enrolls them, or by one of its
-- own.
select kind, lists, count(*) as people
from (
    select case when carried <> '{}' and verb in ('create', 'update', 'enable') then 'enroll' else 'add' end as kind,
           joins::text as lists
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and joins <> '{}'
      and (not joins && carried or verb in ('create', 'update', 'enable'))
    union all
    select 'remove', leaves::text
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and leaves <> '{}' and not leaves && carried
) people
group by kind, lists
order by kind, lists;

-- name: assign_bundles (kind, lists, carried, bundle, run_id) -> rows touched
-- Who shares a call: memberships that the enrolling call takes along keep riding on it, the others get calls of their
-- own.
with places as (
    select *
    from unnest(%(kind)s::text[], %(lists)s::text[], %(carried)s::text[], %(bundle)s::text[])
        as p (kind, lists, carried, bundle)
), placed as (
    select p.operation_id, j.kind, coalesce(j.carried::bigint[], p.carried) as carried,
           nullif(j.bundle, '') as joins_bundle, nullif(l.bundle, '') as leaves_bundle,
           case when j.kind = 'enroll' then j.carried else p.bundle end as bundle
    from crm_sync.planned_operation p
    join crm_sync.run r using (run_id)
    left join places j on j.lists = p.joins::text and p.joins <> '{}'
        and j.kind = case when p.carried <> '{}' and p.verb in ('create', 'update', 'enable') then 'enroll'
                          else 'add' end
    left join places l on l.lists = p.leaves::text and l.kind = 'remove'
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and (j.kind is not null or l.kind is not null)
)
update crm_sync.planned_operation p
set carried = case when placed.kind = 'enroll' then placed.carried else p.carried end, bundle = placed.bundle,
    joins_bundle = placed.joins_bundle, leaves_bundle = placed.leaves_bundle
from placed where p.operation_id = placed.operation_id;

-- name: forget_changes (run_id) -> rows touched
delete from crm_sync.changed_record where run_id = %(run_id)s;

-- name: note_changes (run_id, provider) -> rows touched
-- What the plan changes of the records that are held, before and after: of people who are held under the address or
-- the id that it asks about, as read back in this run, or else as sent last.
with changing as (
    select p.operation_id, d.fields as wanted, d.address, coalesce(v.fields, h.fields) as held,
           coalesce(v.address, h.address) as held_address, p.verb
    from crm_sync.planned_operation p
    join crm_sync.run r using (run_id)
    join crm_sync.desired d on d.run_id = p.run_id and d.subscriber_key = p.subscriber_key
    join crm_sync.holding h on h.provider = %(provider)s
        and h.subscriber_key = coalesce(nullif(p.from_subscriber_key, ''), p.subscriber_key)
    left join crm_sync.observed v on v.run_id = p.run_id and v.subscriber_key = lower(btrim(h.address))
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.verb in ('update', 'change_address', 'enable')
      and h.state <> 'absent'
), values_of as (
    select operation_id, f.key, c.held -> f.key as before, c.wanted -> f.key as after
    from changing c cross join lateral jsonb_object_keys(c.wanted) as f (key)
    where c.held is not null and c.held -> f.key is distinct from c.wanted -> f.key
    union all
    select operation_id, 'address', to_jsonb(held_address), to_jsonb(address)
    from changing where verb = 'change_address' and held_address <> address
)
insert into crm_sync.changed_record (run_id, operation_id, before, after)
select %(run_id)s, operation_id, jsonb_object_agg(key, before), jsonb_object_agg(key, after)
from values_of group by operation_id;

-- name: planned_counts (run_id) -> verb, status, operations
-- How many operations of each verb a run has, by what the ledger has settled of them; the others are pending. By
-- arithmetic, since a large plan is not to be spread out for it: what was planned, less what has an outcome of its
-- own.
with planned as (
    select each.verb, p.operation_id <= r.folded_to as is_folded, sum(each.things)::bigint as things
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    cross join lateral (
        select p.verb, 1 as things where p.verb is not null and p.reason is null
        union all
        select 'add_to_list', cardinality(p.joins) where p.joins <> '{}'
        union all
        select 'remove_from_list', cardinality(p.leaves) where p.leaves <> '{}'
    ) each
    where p.run_id = %(run_id)s
    group by each.verb, p.operation_id <= r.folded_to
), apart as (
    select o.verb, o.operation_id <= r.folded_to as is_folded, o.status,
           sum(coalesce(cardinality(o.lists), 1))::bigint as things
    from crm_sync.outcome o join crm_sync.run r on r.run_id = %(run_id)s
    where o.run_id = %(run_id)s
    group by o.verb, o.operation_id <= r.folded_to, o.status
), counted as (
    select verb, case when is_folded then 'applied' else 'pending' end as status,
           things - coalesce((select sum(a.things) from apart a
                              where a.verb = p.verb and a.is_folded = p.is_folded), 0) as things
    from planned p
    union all
    select verb, status, things from apart
    union all
    select verb, 'refused', count(*) from crm_sync.planned_operation where run_id = %(run_id)s and reason is not null
    group by verb
)
select verb, status, sum(things)::bigint as operations from counted
group by verb, status having sum(things) > 0
order by verb, status;

-- name: run_planned (state, planned, run_id) -> rows touched
update crm_sync.run set state = %(state)s, planned = %(planned)s, planned_at = now() where run_id = %(run_id)s;
