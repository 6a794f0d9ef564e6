-- The sync page: what is known of a person, and who looked.

-- name: find_in_ledger (providers, subscriber_key, contact_id) -> contact_id, address
-- Contacts behind an address or a number in the ledger: finds those that the CRM has deleted.
select distinct contact_id, address from (
    select unnest(case when cardinality(contact_ids) > 0 then contact_ids else array[contact_id] end) as contact_id,
           address
    from crm_sync.holding
    where provider = any (%(providers)s::text[])
      and (subscriber_key = %(subscriber_key)s::text or contact_id = %(contact_id)s::bigint)
) found
where contact_id is not null
limit 25;

-- name: holdings_of (providers, subscriber_key, contact_id) -> provider, subscriber_key, contact_id, address,
--     remote_id, state, lists, reason, remark, refused_at, retry_at, is_unanswered
-- What each provider holds of a contact: under its present address, by its id, or together with others.
select provider, subscriber_key, contact_id, address, remote_id, state, lists, reason, remark, refused_at, retry_at,
       unanswered_verb is not null as is_unanswered
from crm_sync.holding
where provider = any (%(providers)s::text[])
  and (subscriber_key = %(subscriber_key)s::text or subscriber_key = %(contact_id)s::bigint::text
      or contact_id = %(contact_id)s::bigint
       or (cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]))
order by provider, state = 'active' desc, subscriber_key;

-- name: opt_outs_of (providers, contact_id, subscriber_keys) -> provider, subscriber_key, reason, seen_at
-- Standing opt-outs of addresses, as far as they concern the contact.
select provider, subscriber_key, reason, seen_at from crm_sync.opt_out
where provider = any (%(providers)s::text[]) and subscriber_key = any (%(subscriber_keys)s::text[])
    and lifted_at is null and (contact_ids is null or contact_ids @> array[%(contact_id)s::bigint]);

-- name: unwritten_of (contact_ids, subscriber_keys) -> provider, seen_at
-- The first opt-out of contacts, or of addresses, at any provider, that the CRM does not have.
select o.provider, o.seen_at from crm_sync.opt_out o
where o.lifted_at is null and o.crm_written_at is null
  and (exists (select from crm_sync.unwritten_opt_out u
               where u.provider = o.provider and u.subscriber_key = o.subscriber_key
                 and u.contact_id = any (%(contact_ids)s::bigint[]))
       or o.contact_ids && %(contact_ids)s::bigint[] or o.subscriber_key = any (%(subscriber_keys)s::text[]))
order by o.seen_at limit 1;

-- name: operations_of (contact_id, subscriber_keys, providers) -> operation_id, provider, verb, contact_id, list_id,
--     list_name, status, reason, cause, planned_at, settled_at, dry_run, state
-- The newest operations about a contact, and about the subscribers that it is held as, whichever contact names them.
with newest as materialized (
    select operation_id from (
        select operation_id from crm_sync.planned_operation
        where contact_id = %(contact_id)s and provider = any (%(providers)s::text[])
        union
        select operation_id from crm_sync.planned_operation
        where subscriber_key = any (%(subscriber_keys)s::text[]) and provider = any (%(providers)s::text[])
    ) each
    order by operation_id desc limit 200
)
select o.operation_id, o.provider, o.verb, o.contact_id, o.list_id,
       coalesce(o.list_name, l.crm_name, l.name) as list_name, o.status, o.reason, nullif(o.cause, '') as cause,
       o.planned_at, o.settled_at, r.dry_run, r.state
from newest
join crm_sync.operation o using (operation_id)
left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
left join crm_sync.run r on r.run_id = o.run_id
order by o.operation_id desc
limit 200;

-- name: scopes (providers) -> provider, do_not_contact_scope
-- The Do Not Contact scope on which the newest run of each provider rests.
select p.provider, r.do_not_contact_scope
from unnest(%(providers)s::text[]) as p (provider)
cross join lateral (
    select do_not_contact_scope from crm_sync.run
    where provider = p.provider and do_not_contact_scope is not null order by opened_at desc limit 1
) r;

-- name: refusals_of_person (provider, contact_id) -> subscriber_key, reason
-- Why a person is refused, or waits, under each subscriber. People who opted out or bounce are left alone: only the
-- person can come back.
select subscriber_key, reason from crm_sync.holding
where provider = %(provider)s and state not in ('opted_out', 'cleaned', 'pending') and reason is not null
  and (contact_id = %(contact_id)s::bigint
       or (cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]));

-- name: retry_person (provider, contact_id, reasons) -> rows touched
-- Offer one person again, with the next run, as far as the refusal has one of the reasons.
update crm_sync.holding set retry_at = now()
where provider = %(provider)s and state not in ('opted_out', 'cleaned', 'pending')
  and reason = any (%(reasons)s::text[])
  and (contact_id = %(contact_id)s::bigint
       or (cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]));

-- name: log_looks (who, contact_ids, what) -> rows touched
-- Note who looked at whom.
insert into crm_sync.looked_at (who, contact_id, what) select %(who)s, unnest(%(contact_ids)s::bigint[]), %(what)s;
