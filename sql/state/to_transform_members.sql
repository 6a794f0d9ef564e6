-- Each contact with all that a record may need. An e-mail address that was set aside is left out; its owner is not.
select e.contact_id, e.kind, e.first_name, e.last_name, e.organization_name, e.job_title, e.phone, e.website,
       e.address_line1, e.address_line2, e.city, e.state, e.postal_code, e.country,
       case when s.contact_id is null then btrim(e.address) end as address, e.subject,
       e.do_not_contact, e.lists::text as lists, e.flagged_lists::text as flagged_lists, e.statuses::text as statuses, e.is_related,
       e.memberships::text as memberships, e.organizations::text as organizations, e.list_memberships::text as list_memberships,
       false as frozen
from crm_sync.extracted e
left join (
    select distinct contact_id from crm_sync.set_aside
    where run_id = %(run_id)s and provider = %(provider)s and reason in ('address_not_valid', 'address_too_long')
) s using (contact_id)
where e.run_id = %(run_id)s
order by subject
