-- The stage opt_outs: who left at the provider is known here first, then told to the CRM; what is left to send heeds
-- them.

-- name: clear (run_id) -> rows touched
with gone as (delete from crm_sync.observed_list where run_id = %(run_id)s)
delete from crm_sync.observed where run_id = %(run_id)s;

-- name: doubt_reads (provider) -> rows touched
-- The ledger learns something that only a recorded run of everybody has decided about.
update crm_sync.cursor set is_whole = false where provider = %(provider)s and is_whole;

-- name: opt_outs_observed (run_id) -> subject, reason, remote_id
select subject, case status when 'cleaned' then 'cleaned' else 'unsubscribed' end as reason,
       coalesce(remote_id, '') as remote_id
from crm_sync.observed where run_id = %(run_id)s and status in ('unsubscribed', 'cleaned');

-- name: opt_outs_seen (subjects, reasons, remote_ids, provider, run_id) -> rows touched
-- Whoever is unsubscribed or bouncing there, and was not disabled there by us, has opted out: of the address they are
-- there by, and, known by id, of the one that the CRM has of them, for as long as it is theirs. Ours: the ledger says
-- suppressed, and nobody was enabled since, or a suppression was sent whose answer was never recorded.
with seen as (
    select distinct on (subject) subject, reason, nullif(remote_id, '') as remote_id
    from unnest(%(subjects)s::text[], %(reasons)s::text[], %(remote_ids)s::text[]) as s (subject, reason, remote_id)
    order by subject, reason desc
), whose as (
    select s.subject, s.reason, s.remote_id, h.subject as held_as, h.contact_ids
    from seen s
    left join lateral (
        select subject, state, unanswered_verb, contact_ids from crm_sync.holding
        where provider = %(provider)s and remote_id = s.remote_id
        union
        -- By the address, where that person is not known to be somebody else.
        select h.subject, h.state, h.unanswered_verb, h.contact_ids from crm_sync.holding h
        where h.provider = %(provider)s and h.subject = s.subject
          and (h.remote_id is null or s.remote_id is null or h.remote_id = s.remote_id
               or not exists (select from crm_sync.holding i
                              where i.provider = h.provider and i.remote_id = s.remote_id))
    ) h on true
    where (coalesce(h.state, '') <> 'suppressed'
           or exists (select from crm_sync.unfolded e
                      where e.provider = %(provider)s and e.subject = h.subject
                        and e.verb in ('create', 'enable') and e.status = 'applied'))
      and not (s.reason = 'unsubscribed' and exists (
            select from crm_sync.operation o left join crm_sync.run r using (run_id)
            where o.provider = %(provider)s and o.subject = coalesce(h.subject, s.subject) and o.verb = 'suppress'
              and o.status in ('sent', 'applied', 'deferred') and o.sent_at is not null
              -- In this account, as far as that is known.
              and coalesce(r.account = (select account from crm_sync.run where run_id = %(run_id)s), true)
              -- What the ledger has learned since, it says.
              and (o.operation_id > coalesce(r.folded_to, 0) or h.state is distinct from 'active'
                   or h.unanswered_verb is not null)
              and not exists (
                  select from crm_sync.operation later
                  where later.provider = %(provider)s and later.subject = o.subject
                    and later.operation_id > o.operation_id and later.verb in ('create', 'enable')
                    and later.status = 'applied')))
), closed as (
    select distinct on (subject) subject, reason, remote_id, contact_ids
    from (
        select subject, reason, remote_id, null::bigint[] as contact_ids from whose
        union all
        select held_as, reason, remote_id, contact_ids from whose where held_as <> subject
    ) both_ways
    order by subject, contact_ids nulls first
)
insert into crm_sync.opt_out as o (provider, subject, reason, remote_id, contact_ids, run_id, account, crm_written_at)
select %(provider)s, subject, reason, remote_id, contact_ids, %(run_id)s,
       (select account from crm_sync.run where run_id = %(run_id)s), case when reason = 'cleaned' then now() end
from closed
on conflict (provider, subject) do update
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
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subject
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
    where h.provider = %(provider)s and h.remote_id = told.remote_id and lower(btrim(h.address)) <> told.subject
)
update crm_sync.holding h set remote_id = told.remote_id
from told
where h.provider = %(provider)s and h.subject = told.subject and h.remote_id is null and h.state <> 'absent'
  and not exists (select from crm_sync.holding other
                  where other.provider = h.provider and other.remote_id = told.remote_id);

-- name: lost_moves_seen (remote_ids, addresses, read_back, run_id, provider) -> from_subject, subject, address
-- Moves of ours whose answer was lost, and who is there by the new address: the call had its effect. What was noted
-- of the new address makes room for the person.
with told as (
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subject
    from (
        select remote_id, address from unnest(%(remote_ids)s::text[], %(addresses)s::text[]) as t (remote_id, address)
        union all
        -- Or all whom a full run read back.
        select remote_id, address from crm_sync.observed where %(read_back)s and run_id = %(run_id)s
    ) t
    where remote_id <> '' and address <> ''
)
delete from crm_sync.holding expected using told, crm_sync.holding mover
where expected.provider = %(provider)s and expected.subject = told.subject
  and expected.state = 'absent' and expected.unanswered_verb = 'change_address'
  and mover.provider = %(provider)s and mover.remote_id = told.remote_id
  and mover.unanswered_verb = 'change_address' and mover.subject <> told.subject
returning mover.subject as from_subject, told.subject, told.address;

-- name: follow_lost_moves (from_subjects, subjects, addresses, provider) -> rows touched
-- The move was made, though its answer was lost: the person is held by the new address.
update crm_sync.holding h set subject = moved.subject, address = moved.address
from unnest(%(from_subjects)s::text[], %(subjects)s::text[], %(addresses)s::text[])
    as moved (from_subject, subject, address)
where h.provider = %(provider)s and h.subject = moved.from_subject;

-- name: opt_outs_lift (provider, run_id) -> rows touched
-- A full run saw the person subscribed there again: by their own will, for the pipeline never does it. An address
-- that was closed for the sake of a person is not opened by somebody else who has it now. What was said in another
-- account stands.
with lifted as (
    update crm_sync.opt_out o set lifted_at = now()
    from crm_sync.observed v
    join crm_sync.run r using (run_id)
    where o.provider = %(provider)s and o.lifted_at is null and v.run_id = %(run_id)s and v.status = 'subscribed'
      and (v.remote_id = o.remote_id or (o.contact_ids is null and v.subject = o.subject))
      and coalesce(o.account = r.account, true)
    returning o.provider, o.subject
)
delete from crm_sync.unwritten_opt_out u using lifted l where u.provider = l.provider and u.subject = l.subject;

-- name: opt_outs_hold (provider, run_id, everyone) -> rows touched
-- The ledger says what the provider says: of whoever was seen to have left by this run, of whomever it asked for or
-- looked at, and, where it looks at everybody, of all.
with told as materialized (
    select * from crm_sync.opt_out where provider = %(provider)s and run_id = %(run_id)s and lifted_at is null
    union
    select o.* from crm_sync.planned_operation p
    join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = p.subject
    where p.run_id = %(run_id)s and o.lifted_at is null
    union
    select o.* from crm_sync.scope_subject s
    join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = s.subject
    where s.run_id = %(run_id)s and o.lifted_at is null
    union
    select * from crm_sync.opt_out where %(everyone)s and provider = %(provider)s and lifted_at is null
)
update crm_sync.holding h
set state = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end,
    reason = case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end, refused_at = o.seen_at, retry_at = now()
from told o
where h.provider = %(provider)s and h.subject = o.subject
  and (o.contact_ids is null or h.remote_id = o.remote_id or h.contact_ids && o.contact_ids)
  and h.state <> case o.reason when 'cleaned' then 'cleaned' else 'opted_out' end;

-- name: polled (provider, polled_at) -> rows touched
insert into crm_sync.cursor (provider, polled_at) values (%(provider)s, %(polled_at)s)
on conflict (provider) do update set polled_at = excluded.polled_at;

-- name: opt_outs_to_write (provider, after, limit) -> subject, contact_id, address
-- Who left, at one provider or (null) at any, and the contacts for whom they were held, by whatever address; a row
-- each, without a contact where none is known. The address is told where it refused itself: whoever else has it is
-- concerned where none of those contacts is left. What the CRM has refused already is tried by itself.
select o.subject, behind.contact_id, case when o.contact_ids is null then o.subject end as address
from (
    select provider, subject, remote_id, contact_ids from crm_sync.opt_out w
    where (provider = %(provider)s::text or %(provider)s::text is null) and crm_written_at is null and lifted_at is null
      and subject > %(after)s
      and not exists (select from crm_sync.unwritten_opt_out u where u.provider = w.provider and u.subject = w.subject)
    order by subject
    limit %(limit)s
) o
left join lateral (
    select unnest(h.contact_ids) as contact_id from crm_sync.holding h
    where h.provider = o.provider and h.remote_id = o.remote_id
    union
    select unnest(h.contact_ids) from crm_sync.holding h
    where h.provider = o.provider and h.subject = o.subject and o.contact_ids is null
      and not exists (select from crm_sync.holding i where i.provider = o.provider and i.remote_id = o.remote_id)
    union
    select unnest(o.contact_ids)
) behind on true
order by o.subject;

-- name: opt_outs_written (provider, subjects) -> rows touched
update crm_sync.opt_out set crm_written_at = now()
where provider = %(provider)s and subject = any (%(subjects)s::text[]);

-- name: keep_unwritten (provider, subjects, contact_ids, list_ids, reasons) -> rows touched
-- Memberships on which the CRM does not take an opt-out, and why; not for an opt-out that was lifted meanwhile.
insert into crm_sync.unwritten_opt_out as u (provider, subject, contact_id, list_id, reason)
select %(provider)s, r.subject, r.contact_id, r.list_id, r.reason
from unnest(%(subjects)s::text[], %(contact_ids)s::bigint[], %(list_ids)s::bigint[], %(reasons)s::text[])
    as r (subject, contact_id, list_id, reason)
join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = r.subject and o.lifted_at is null
on conflict (provider, subject, contact_id, list_id) do update set reason = excluded.reason, tried_at = now();

-- name: unwritten_to_try (provider) -> subject, contact_id, list_id
-- Memberships on which the CRM refused Do Not Contact, those longest ago first.
select subject, contact_id, list_id from crm_sync.unwritten_opt_out
where provider = %(provider)s
order by tried_at, subject, contact_id, list_id;

-- name: unwritten_is_written (provider, subject, contact_id, list_id) -> rows touched
-- A membership has the flag, or is none any more; the opt-out is written when that was the last of its memberships.
with written as (
    delete from crm_sync.unwritten_opt_out
    where provider = %(provider)s and subject = %(subject)s and contact_id = %(contact_id)s and list_id = %(list_id)s
)
update crm_sync.opt_out o set crm_written_at = now()
where o.provider = %(provider)s and o.subject = %(subject)s and o.crm_written_at is null
  and not exists (
    select from crm_sync.unwritten_opt_out u
    where u.provider = o.provider and u.subject = o.subject
      and (u.contact_id, u.list_id) <> (%(contact_id)s, %(list_id)s));

-- name: hides_opt_outs (run_id, verbs) -> boolean
-- Whether something is left to send that would write over an opt-out, or hide it.
select exists (
    select from crm_sync.planned_operation p join crm_sync.operation o using (run_id, operation_id)
    where p.run_id = %(run_id)s and p.verb = any (%(verbs)s::text[]) and o.verb = p.verb and o.is_unfolded
      and o.status in ('pending', 'sent')
);

-- name: drop_opted_out (run_id, provider, began_at) -> operation_id, verb, lists
-- Whoever has left there by now is sent nothing more that would write over it, or hide it; out of lists they are
-- taken still, by a call that speaks of lists alone. Lists that they may have been put into, by a call whose answer
-- was lost, are in doubt. Calls that began after began_at go on.
with asked as (
    select operation_id, contact_id, subject from crm_sync.planned_operation
    where run_id = %(run_id)s and subject is not null
    union all
    select operation_id, contact_id, from_subject from crm_sync.planned_operation
    where run_id = %(run_id)s and subject is not null and from_subject is not null
), met as materialized (
    select a.operation_id, min(case x.reason when 'cleaned' then 'cleaned' else 'opted_out' end) as reason
    from asked a
    join crm_sync.opt_out x on x.provider = %(provider)s and x.subject = a.subject and x.lifted_at is null
        and (x.contact_ids is null or a.contact_id = any (x.contact_ids))
    group by a.operation_id
), dropped as materialized (
    select o.operation_id, o.subject, o.verb, o.list_id, o.status, o.sent_at, met.reason
    from met join crm_sync.operation o on o.run_id = %(run_id)s and o.operation_id = met.operation_id
    where o.is_unfolded and o.status in ('pending', 'sent')
      and (o.status = 'pending' or o.sent_at < %(began_at)s::timestamptz or %(began_at)s::timestamptz is null)
      and (o.verb <> 'remove_from_list' or o.rides_on is not null)
), in_doubt as (
    update crm_sync.holding h
    set unanswered_lists = array(select distinct unnest(h.unanswered_lists || d.lists) order by 1)
    from (select subject, array_agg(list_id) as lists from dropped where status = 'sent' and verb = 'add_to_list'
          group by subject) d
    where h.provider = %(provider)s and h.subject = d.subject
)
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason, sent_at)
select %(run_id)s, operation_id, verb,
       case when verb in ('add_to_list', 'remove_from_list') then array_agg(list_id) end, 'refused', min(reason),
       max(sent_at)
from dropped group by operation_id, verb
returning operation_id, verb, lists;
