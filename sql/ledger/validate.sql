-- The stage validate: contacts whose data is not good enough are set aside.

-- name: clear (run_id) -> rows touched
delete from crm_sync.set_aside where run_id = %(run_id)s;

-- name: to_validate_subscribers (run_id) -> contact_id, kind, first_name, last_name, organization_name, address,
--     subscriber_key, lists, flagged_lists, outside_pilot, extra
select contact_id, kind, first_name, last_name, organization_name, address, subscriber_key, lists::text as lists,
       flagged_lists::text as flagged_lists, outside_pilot, extra::text as extra
from crm_sync.extracted where run_id = %(run_id)s and subscriber_key is not null;

-- name: to_validate_members (run_id) -> contact_id, kind, first_name, last_name, organization_name, job_title, phone,
--     website, address_line1, address_line2, city, state, postal_code, country, address, subscriber_key, lists,
--     statuses, is_related, memberships, organizations, list_memberships, outside_pilot, extra
select contact_id, kind, first_name, last_name, organization_name, job_title, phone, website,
       address_line1, address_line2, city, state, postal_code, country,
       address, subscriber_key, lists::text as lists, statuses::text as statuses, is_related,
       memberships::text as memberships, organizations::text as organizations,
       list_memberships::text as list_memberships, outside_pilot, extra::text as extra
from crm_sync.extracted where run_id = %(run_id)s and subscriber_key is not null;

-- name: held_in_pilot (provider, people) -> subscriber_key
-- People who are held already: the first of the pilot.
select subscriber_key from crm_sync.holding h
where provider = %(provider)s and state = 'active' and managed
  and not exists (select from crm_sync.set_aside s
                  where s.provider = h.provider and s.contact_id = h.contact_id and s.resolved_at is null
                    and s.reason = 'held_back_by_pilot')
order by contact_id, subscriber_key
limit %(people)s;
