-- The stage transform: what the CRM wants of each subscriber.

-- name: clear (run_id) -> rows touched
delete from crm_sync.desired where run_id = %(run_id)s;

-- name: to_transform_subscribers (run_id, provider) -> contact_id, kind, first_name, last_name, organization_name,
--     address, subscriber_key, do_not_contact, lists, flagged_lists, frozen, outside_pilot, extra
-- Each contact with its address, or, where its data was set aside, with the subscriber it is held as.
select e.contact_id, e.kind, e.first_name, e.last_name, e.organization_name,
       case when s.contact_id is null then btrim(e.address) else coalesce(h.address, btrim(e.address)) end as address,
       case when s.contact_id is null then e.subscriber_key else coalesce(h.subscriber_key,
           e.subscriber_key) end as subscriber_key, e.do_not_contact, e.lists::text as lists,
               e.flagged_lists::text as flagged_lists, s.contact_id is not null as frozen,
       e.outside_pilot or coalesce(s.outside_pilot, false) as outside_pilot, e.extra::text as extra
from crm_sync.extracted e
left join (
    select contact_id, bool_or(reason = 'held_back_by_pilot') as outside_pilot
    from crm_sync.set_aside where run_id = %(run_id)s and holds_back group by contact_id
) s using (contact_id)
left join lateral (
    select subscriber_key, address from crm_sync.holding
    where s.contact_id is not null and provider = %(provider)s
      and (contact_id = e.contact_id or (cardinality(contact_ids) > 1 and contact_ids @> array[e.contact_id]))
    order by state = 'active' desc, subscriber_key limit 1
) h on true
where e.run_id = %(run_id)s and e.subscriber_key is not null
order by subscriber_key, contact_id;

-- name: to_transform_members (run_id, provider) -> contact_id, kind, first_name, last_name, organization_name,
--     job_title, phone, website, address_line1, address_line2, city, state, postal_code, country, address,
--     subscriber_key, do_not_contact, lists, flagged_lists, statuses, is_related, memberships, organizations,
--     list_memberships, frozen, outside_pilot, extra
-- Each contact with all that a record may need. An e-mail address that was set aside is left out; its owner is not.
select e.contact_id, e.kind, e.first_name, e.last_name, e.organization_name, e.job_title, e.phone, e.website,
       e.address_line1, e.address_line2, e.city, e.state, e.postal_code, e.country,
       case when s.contact_id is null then btrim(e.address) end as address, e.subscriber_key,
       e.do_not_contact, e.lists::text as lists, e.flagged_lists::text as flagged_lists, e.statuses::text as statuses,
       e.is_related, e.memberships::text as memberships, e.organizations::text as organizations,
       e.list_memberships::text as list_memberships, p.contact_id is not null as frozen,
       e.outside_pilot or p.contact_id is not null as outside_pilot, e.extra::text as extra
from crm_sync.extracted e
left join (
    select distinct contact_id from crm_sync.set_aside
    where run_id = %(run_id)s and provider = %(provider)s and reason in ('address_not_valid', 'address_too_long')
) s using (contact_id)
left join crm_sync.set_aside p on p.run_id = e.run_id and p.contact_id = e.contact_id
    and p.reason = 'held_back_by_pilot'
where e.run_id = %(run_id)s
order by subscriber_key;
