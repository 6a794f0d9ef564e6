-- The stage opt_outs: people who left are recorded here first, then in the CRM; what is left to send heeds
-- them.

-- name: clear (run_id) -> rows touched
with gone as (delete from crm_sync.observed_list where run_id = %(run_id)s)
delete from crm_sync.observed where run_id = %(run_id)s;

-- name: doubt_reads (provider) -> rows touched
-- The ledger learns something that only a recorded run of everybody has decided about.
update crm_sync.cursor set is_whole = false where provider = %(provider)s and is_whole;

-- name: opt_outs_observed (run_id) -> subscriber_key, reason, remote_id
select subscriber_key, case status when 'cleaned' then 'cleaned' else 'unsubscribed' end as reason,
       coalesce(remote_id, '') as remote_id
from crm_sync.observed where run_id = %(run_id)s and status in ('unsubscribed', 'cleaned');

-- name: opt_outs_seen (subscriber_keys, reasons, remote_ids, provider, run_id) -> rows touched
-- People who are unsubscribed or bouncing at the provider, and were not disabled by us, have opted out: of the address
-- they are there by, and, known by id, of the one that the CRM has of them, for as long as it is theirs. Ours: the
-- ledger says suppressed, and nobody was enabled since, or a suppression was sent whose answer was never recorded.
with seen as (
    select distinct on (subscriber_key) subscriber_key, reason, nullif(remote_id, '') as remote_id
    from unnest(%(subscriber_keys)s::text[], %(reasons)s::text[], %(remote_ids)s::text[]) as s (subscriber_key, reason,
        remote_id)
    order by subscriber_key, reason desc
), whose as (
    select s.subscriber_key, s.reason, s.remote_id, h.subscriber_key as held_as, h.contact_ids
    from seen s
    left join lateral (
        select subscriber_key, state, unanswered_verb, contact_ids from crm_sync.holding
        where provider = %(provider)s and remote_id = s.remote_id
        union
        -- By the address, where that person is not known to be somebody else.
        select h.subscriber_key, h.state, h.unanswered_verb, h.contact_ids from crm_sync.holding h
        where h.provider = %(provider)s and h.subscriber_key = s.subscriber_key
          and (h.remote_id is null or s.remote_id is null or h.remote_id = s.remote_id
               or not exists (select from crm_sync.holding i
                              where i.provider = h.provider and i.remote_id = s.remote_id))
    ) h on true
    where (coalesce(h.state, '') <> 'suppressed'
           or exists (select from crm_sync.unfolded e
                      where e.provider = %(provider)s and e.subscriber_key = h.subscriber_key
                        and e.verb in ('create', 'enable') and e.status = 'applied'))
      and not (s.reason = 'unsubscribed' and exists (
            select from crm_sync.operation o left join crm_sync.run r using (run_id)
            where o.provider = %(provider)s and o.subscriber_key = coalesce(h.subscriber_key, s.subscriber_key)
                and o.verb = 'suppress'
              and o.status in ('in_doubt', 'submitted', 'applied', 'deferred') and o.sent_at is not null
              -- In this account, as far as that is known.
              and coalesce(r.account = (select account from crm_sync.run where run_id = %(run_id)s), true)
              -- What the ledger has learned since, it says.
              and (o.operation_id > coalesce(r.folded_to, 0) or h.state is distinct from 'active'
                   or h.unanswered_verb is not null)
              and not exists (
                  select from crm_sync.operation later
                  where later.provider = %(provider)s and later.subscriber_key = o.subscriber_key
                    and later.operation_id > o.operation_id and later.verb in ('create', 'enable')
                    and later.status = 'applied')))
), closed as (
    select distinct on (subscriber_key) subscriber_key, reason, remote_id, contact_ids
    from (
        select subscriber_key, reason, remote_id, null::bigint[] as contact_ids from whose
        union all
        select held_as, reason, remote_id, contact_ids from whose where held_as <> subscriber_key
    ) both_ways
    order by subscriber_key, contact_ids nulls first
)
insert into crm_sync.opt_out as o (provider, subscriber_key, reason, remote_id, contact_ids, run_id, account,
    crm_written_at)
select %(provider)s, subscriber_key, reason, remote_id, contact_ids, %(run_id)s,
       (select account from crm_sync.run where run_id = %(run_id)s), case when reason = 'cleaned' then now() end
from closed
on conflict (provider, subscriber_key) do update
    set reason = case when o.lifted_at is null and o.reason = 'unsubscribed' then o.reason else excluded.reason end,
        remote_id = coalesce(excluded.remote_id, o.remote_id), seen_at = now(), run_id = excluded.run_id,
        lifted_at = null,
        account = case when o.lifted_at is null then o.account else excluded.account end,
        crm_written_at = case when o.lifted_at is null and o.reason = 'unsubscribed' and excluded.reason = 'cleaned'
                              then o.crm_written_at
                              else excluded.crm_written_at end,
        contact_ids = case when o.lifted_at is not null then excluded.contact_ids
                           when excluded.contact_ids is not null
                           then array(select distinct unnest(o.contact_ids || excluded.contact_ids) order by 1) end
    where o.lifted_at is not null
       or (o.reason = 'cleaned' and excluded.reason = 'unsubscribed')
       -- What was closed to one person is closed to another as well, or to all.
       or (o.contact_ids is not null and not coalesce(excluded.contact_ids <@ o.contact_ids, false));

-- name: learn_addresses (remote_ids, addresses, read_back, run_id, provider) -> rows touched
-- Who changed at the provider: under which address they are there now, and what the provider calls them where that
-- was not known yet.
with told as (
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subscriber_key
    from (
        select remote_id, address from unnest(%(remote_ids)s::text[], %(addresses)s::text[]) as t (remote_id, address)
        union all
        -- Or all whom a full run read back.
        select remote_id, address from crm_sync.observed where %(read_back)s and run_id = %(run_id)s
    ) t
    where remote_id <> '' and address <> ''
), known as (
    update crm_sync.holding h set address = told.address
    from told
    where h.provider = %(provider)s and h.remote_id = told.remote_id and lower(btrim(h.address)) <> told.subscriber_key
)
update crm_sync.holding h set remote_id = told.remote_id
from told
where h.provider = %(provider)s and h.subscriber_key = told.subscriber_key and h.remote_id is null
    and h.state <> 'absent'
  and not exists (select from crm_sync.holding other
                  where other.provider = h.provider and other.remote_id = told.remote_id);

-- name: lost_moves_seen (remote_ids, addresses, read_back, run_id, provider) -> from_subscriber_key, subscriber_key,
--     address
-- Moves of ours whose answer was lost, and who is there by the new address: the call had its effect. What was noted
-- of the new address makes room for the person.
with told as (
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subscriber_key
    from (
        select remote_id, address from unnest(%(remote_ids)s::text[], %(addresses)s::text[]) as t (remote_id, address)
        union all
        -- Or all whom a full run read back.
        select remote_id, address from crm_sync.observed where %(read_back)s and run_id = %(run_id)s
    ) t
    where remote_id <> '' and address <> ''
)
delete from crm_sync.holding expected using told, crm_sync.holding mover
where expected.provider = %(provider)s and expected.subscriber_key = told.subscriber_key
  and expected.state = 'absent' and expected.unanswered_verb = 'change_address'
  and mover.provider = %(provider)s and mover.remote_id = told.remote_id
  and mover.unanswered_verb = 'change_address' and mover.subscriber_key <> told.subscriber_key
returning mover.subscriber_key as from_subscriber_key, told.subscriber_key, told.address;

-- name: follow_lost_moves (from_subscriber_keys, subscriber_keys, addresses, provider) -> rows touched
-- The move was made, though its answer was lost: the person is held by the new address.
update crm_sync.holding h set subscriber_key = moved.subscriber_key, address = moved.address
from unnest(%(from_subscriber_keys)s::text[], %(subscriber_keys)s::text[], %(addresses)s::text[])
    as moved (from_subscriber_key, subscriber_key, address)
where h.provider = %(provider)s and h.subscriber_key = moved.from_subscriber_key;

-- name: opt_outs_lift (provider, run_id) -> rows touched
-- A full run saw the person subscribed there again: by their own will, for the pipeline never does it. An address
-- that was closed for the sake of a person is not opened by somebody else who has it now. What was said in another
-- account stands.
with lifted as (
    update crm_sync.opt_out o set lifted_at = now()
    from crm_sync.observed v
    join crm_sync.run r using (run_id)
    where o.provider = %(provider)s and o.lifted_at is null and v.run_id = %(run_id)s and v.status = 'subscribed'
      and (v.remote_id = o.remote_id or (o.contact_ids is null and v.subscriber_key = o.subscriber_key))
      and coalesce(o.account = r.account, true)
    returning o.provider, o.subscriber_key
)
delete from crm_sync.unwritten_opt_out u using lifted l
    where u.provider = l.provider and u.subscriber_key = l.subscriber_key;

-- name: opt_outs_hold (provider, run_id, everyone) -> rows touched
-- The ledger says what the provider says: for the people whom this run saw to have left, for those it asked for or
-- looked at, and, where it looks at everybody, of all.
with told as materialized (
    select * from crm_sync.opt_out where provider = %(provider)s and run_id = %(run_id)s and lifted_at is null
    union
    select o.* from crm_sync.planned_operation p
    join crm_sync.opt_out o on o.provider = %(provider)s and o.subscriber_key = p.subscriber_key
    where p.run_id = %(run_id)s and o.lifted_at is null
    union
    select o.* from crm_sync.scope_subscriber s
    join crm_sync.opt_out o on o.provider = %(provider)s and o.subscriber_key = s.subscriber_key
    where s.run_id = %(run_id)s and o.lifted_at is null
    union
    select * from crm_sync.opt_out where %(everyone)s and provider = %(provider)s and lifted_at is null
)
update crm_sync.holding h
set state = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end,
    reason = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end, refused_at = o.seen_at, retry_at = now()
from told o
where h.provider = %(provider)s and h.subscriber_key = o.subscriber_key
  and (o.contact_ids is null or h.remote_id = o.remote_id or h.contact_ids && o.contact_ids)
  and h.state <> case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end;

-- name: polled (provider, polled_at) -> rows touched
insert into crm_sync.cursor (provider, polled_at) values (%(provider)s, %(polled_at)s)
on conflict (provider) do update set polled_at = excluded.polled_at;

-- name: opt_outs_to_write (provider, after, limit) -> subscriber_key, contact_id, address
-- Who left, at one provider or (null) at any, and the contacts for whom they were held, by whatever address; a row
-- each, without a contact where none is known. The address is given if the address itself refused: anyone else who has
-- it is concerned where none of those contacts is left. What the CRM has refused already is tried by itself.
select o.subscriber_key, behind.contact_id, case when o.contact_ids is null then o.subscriber_key end as address
from (
    select provider, subscriber_key, remote_id, contact_ids from crm_sync.opt_out w
    where (provider = %(provider)s::text or %(provider)s::text is null) and crm_written_at is null and lifted_at is null
      and subscriber_key > %(after)s
      and not exists (select from crm_sync.unwritten_opt_out u
          where u.provider = w.provider and u.subscriber_key = w.subscriber_key)
    order by subscriber_key
    limit %(limit)s
) o
left join lateral (
    select unnest(h.contact_ids) as contact_id from crm_sync.holding h
    where h.provider = o.provider and h.remote_id = o.remote_id
    union
    select unnest(h.contact_ids) from crm_sync.holding h
    where h.provider = o.provider and h.subscriber_key = o.subscriber_key and o.contact_ids is null
      and not exists (select from crm_sync.holding i where i.provider = o.provider and i.remote_id = o.remote_id)
    union
    select unnest(o.contact_ids)
) behind on true
order by o.subscriber_key;

-- name: opt_outs_written (provider, subscriber_keys) -> rows touched
update crm_sync.opt_out set crm_written_at = now()
where provider = %(provider)s and subscriber_key = any (%(subscriber_keys)s::text[]);

-- name: keep_unwritten (provider, subscriber_keys, contact_ids, list_ids, reasons) -> rows touched
-- Memberships on which the CRM does not take an opt-out, and why; not for an opt-out that was lifted meanwhile.
insert into crm_sync.unwritten_opt_out as u (provider, subscriber_key, contact_id, list_id, reason)
select %(provider)s, r.subscriber_key, r.contact_id, r.list_id, r.reason
from unnest(%(subscriber_keys)s::text[], %(contact_ids)s::bigint[], %(list_ids)s::bigint[], %(reasons)s::text[])
    as r (subscriber_key, contact_id, list_id, reason)
join crm_sync.opt_out o on o.provider = %(provider)s and o.subscriber_key = r.subscriber_key and o.lifted_at is null
on conflict (provider, subscriber_key, contact_id, list_id) do update set reason = excluded.reason, tried_at = now();

-- name: unwritten_to_try (provider) -> subscriber_key, contact_id, list_id
-- Memberships on which the CRM refused Do Not Contact, those longest ago first.
select subscriber_key, contact_id, list_id from crm_sync.unwritten_opt_out
where provider = %(provider)s
order by tried_at, subscriber_key, contact_id, list_id;

-- name: unwritten_is_written (provider, subscriber_key, contact_id, list_id) -> rows touched
-- A membership has the flag, or is none any more; the opt-out is written when that was the last of its memberships.
with written as (
    delete from crm_sync.unwritten_opt_out
    where provider = %(provider)s and subscriber_key = %(subscriber_key)s and contact_id = %(contact_id)s
        and list_id = %(list_id)s
)
update crm_sync.opt_out o set crm_written_at = now()
where o.provider = %(provider)s and o.subscriber_key = %(subscriber_key)s and o.crm_written_at is null
  and not exists (
    select from crm_sync.unwritten_opt_out u
    where u.provider = o.provider and u.subscriber_key = o.subscriber_key
      and (u.contact_id, u.list_id) <> (%(contact_id)s, %(list_id)s));

-- name: hides_opt_outs (run_id, verbs) -> boolean
-- Whether something is left to send that would write over an opt-out, or hide it.
select exists (
    select from crm_sync.planned_operation p join crm_sync.operation o using (run_id, operation_id)
    where p.run_id = %(run_id)s and p.verb = any (%(verbs)s::text[]) and o.verb = p.verb and o.is_unfolded
      and o.status in ('pending', 'in_doubt', 'submitted')
);

-- name: drop_opted_out (run_id, provider, began_at) -> operation_id, verb, lists
-- People who have left by now are sent nothing more that would overwrite the opt-out or hide it; out of lists they are
-- taken still, by a call that speaks of lists alone. Lists that they may have been put into, by a call whose answer
-- was lost, are in doubt. Calls that began after began_at go on.
with asked as (
    select operation_id, contact_id, subscriber_key from crm_sync.planned_operation
    where run_id = %(run_id)s and subscriber_key is not null
    union all
    select operation_id, contact_id, from_subscriber_key from crm_sync.planned_operation
    where run_id = %(run_id)s and subscriber_key is not null and from_subscriber_key is not null
), met as materialized (
    select a.operation_id, min(case x.reason when 'cleaned' then 'cleaned' else 'opted_out' end) as reason
    from asked a
    join crm_sync.opt_out x on x.provider = %(provider)s and x.subscriber_key = a.subscriber_key and x.lifted_at is null
        and (x.contact_ids is null or a.contact_id = any (x.contact_ids))
    group by a.operation_id
), dropped as materialized (
    select o.operation_id, o.subscriber_key, o.verb, o.list_id, o.status, o.sent_at, met.reason
    from met join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = met.operation_id
    where o.is_unfolded and o.status in ('pending', 'in_doubt', 'submitted')
      and (o.status = 'pending' or o.sent_at < %(began_at)s::timestamptz or %(began_at)s::timestamptz is null)
      and (o.verb <> 'remove_from_list' or o.carried_by is not null)
), in_doubt as (
    update crm_sync.holding h
    set unanswered_lists = array(select distinct unnest(h.unanswered_lists || d.lists) order by 1)
    from (select subscriber_key, array_agg(list_id) as lists from dropped
          where status in ('in_doubt', 'submitted') and verb = 'add_to_list' group by subscriber_key) d
    where h.provider = %(provider)s and h.subscriber_key = d.subscriber_key
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, operation_id, verb,
       case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'refused', min(reason),
       max(sent_at)
from dropped group by operation_id, verb
returning operation_id, verb, lists;
