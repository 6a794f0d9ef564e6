-- The sync page: exceptions, and offering again what was refused.

-- name: export_exceptions (providers, reason, most) -> provider, what, contact_id, list_id, reason, since, next_try,
--     address, subscriber_key
-- Every exception of the chosen providers.
select provider, what, contact_id, list_id, reason, since, next_try, address, subscriber_key from (
    select provider, 'subscriber' as what, contact_id, null::bigint as list_id, reason, since, next_try, address,
           subscriber_key
    from crm_sync.excepted
    union all
    select provider, 'contact', contact_id, null, reason, since, null, null, null from crm_sync.standing
    union all
    select provider, 'list', null, list_id, reason, null, retry_at, null, null
    from crm_sync.list_holding where reason is not null
    union all
    select provider, what, contact_id, list_id, reason, since, null, null, subscriber_key from crm_sync.exceptions
    where what in ('opt_out', 'field')
) e
where provider = any (%(providers)s::text[]) and (%(reason)s::text is null or reason = %(reason)s)
order by provider, what, reason, contact_id, list_id
limit %(most)s;

-- name: retry_reasons (provider, reasons) -> rows touched
-- Offer again, with the next run, everyone who is refused or deferred for one of the reasons. People who opted out or
-- bounce are left alone: only the person can come back.
update crm_sync.holding set retry_at = now()
where provider = %(provider)s and reason = any (%(reasons)s::text[])
  and state not in ('opted_out', 'cleaned', 'pending');

-- name: retry_list (provider, list_ids) -> lists, people
-- Offer chosen lists again that were refused, with everyone who was refused for want of a list.
with lists as (
    update crm_sync.list_holding set retry_at = now()
    where provider = %(provider)s and list_id = any (%(list_ids)s::bigint[]) and reason is not null
    returning list_id
), people as (
    update crm_sync.holding set retry_at = now()
    where provider = %(provider)s and reason = 'list_refused' and exists (select from lists)
    returning 1
)
select (select count(*) from lists) as lists, (select count(*) from people) as people;

-- name: retry_lists (provider, reasons) -> rows touched
-- Offer refused lists again.
update crm_sync.list_holding set retry_at = now() where provider = %(provider)s and reason = any (%(reasons)s::text[]);

-- name: exceptions_counted (providers, reason, contact_ids, most) -> people
-- How many rows people has in all; counted no further than that.
select count(*) as people from (
    select from crm_sync.excepted h
    where h.provider = any (%(providers)s::text[]) and (%(reason)s::text is null or h.reason = %(reason)s)
      and (%(contact_ids)s::bigint[] is null or h.contact_id = any (%(contact_ids)s::bigint[]))
    union all
    select from crm_sync.standing s
    where s.provider = any (%(providers)s::text[]) and (%(reason)s::text is null or s.reason = %(reason)s)
      and (%(contact_ids)s::bigint[] is null or s.contact_id = any (%(contact_ids)s::bigint[]))
    limit %(most)s
) few;

-- name: people (providers, reason, contact_ids, sort, skipped, rows) -> provider, what, contact_id, reason, since,
--     next_try, address, can_retry, waits
-- A page of the people whom a provider does not hold as the CRM says, or whose data is set aside. sort: since,
-- next_try or reason; each has its index, and no more are read than the page and those before.
with held as (
    select h.*
    from unnest(%(providers)s::text[]) as p (provider)
    cross join lateral (
        (select * from crm_sync.excepted h
         where %(sort)s = 'since' and h.provider = p.provider and (%(reason)s::text is null or h.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or h.contact_id = any (%(contact_ids)s::bigint[]))
         order by h.since desc nulls last, h.contact_id limit %(skipped)s::int + %(rows)s::int)
        union all
        (select * from crm_sync.excepted h
         where %(sort)s = 'next_try' and h.provider = p.provider and (%(reason)s::text is null or h.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or h.contact_id = any (%(contact_ids)s::bigint[]))
         order by h.next_try desc nulls last, h.contact_id limit %(skipped)s::int + %(rows)s::int)
        union all
        (select * from crm_sync.excepted h
         where %(sort)s = 'reason' and h.provider = p.provider and (%(reason)s::text is null or h.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or h.contact_id = any (%(contact_ids)s::bigint[]))
         order by h.reason, h.since desc nulls last, h.contact_id limit %(skipped)s::int + %(rows)s::int)
    ) h
), aside as (
    select s.*
    from unnest(%(providers)s::text[]) as p (provider)
    cross join lateral (
        (select * from crm_sync.standing s
         where %(sort)s = 'since' and s.provider = p.provider and (%(reason)s::text is null or s.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or s.contact_id = any (%(contact_ids)s::bigint[]))
         order by s.since desc, s.contact_id limit %(skipped)s::int + %(rows)s::int)
        union all
        (select * from crm_sync.standing s
         where %(sort)s = 'next_try' and s.provider = p.provider and (%(reason)s::text is null or s.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or s.contact_id = any (%(contact_ids)s::bigint[]))
         order by s.contact_id limit %(skipped)s::int + %(rows)s::int)
        union all
        (select * from crm_sync.standing s
         where %(sort)s = 'reason' and s.provider = p.provider and (%(reason)s::text is null or s.reason = %(reason)s)
           and (%(contact_ids)s::bigint[] is null or s.contact_id = any (%(contact_ids)s::bigint[]))
         order by s.reason, s.since desc, s.contact_id limit %(skipped)s::int + %(rows)s::int)
    ) s
)
select provider, what, contact_id, reason, since, next_try, address, can_retry, waits from (
    select provider, 'subscriber' as what, contact_id, reason, since, next_try, address, can_retry, waits from held
    union all
    select provider, 'contact', contact_id, reason, since, null, null, false, false from aside
) each
order by case when %(sort)s = 'reason' then reason end,
         case %(sort)s when 'next_try' then next_try else since end desc nulls last, contact_id, provider, reason
offset %(skipped)s limit %(rows)s;

-- name: set_aside_reasons (providers) -> reason
-- Every reason for which somebody is set aside; each is found by a step along an index.
with recursive step (provider, reason) as (
    select p.provider, (select min(s.reason) from crm_sync.set_aside s
                        where s.provider = p.provider and s.resolved_at is null)
    from unnest(%(providers)s::text[]) as p (provider)
    union all
    select step.provider, (select min(s.reason) from crm_sync.set_aside s
                           where s.provider = step.provider and s.resolved_at is null and s.reason > step.reason)
    from step where step.reason is not null
)
select distinct reason from step where reason is not null order by reason;
