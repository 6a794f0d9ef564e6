select contact_id, kind, first_name, last_name, organization_name, job_title, phone, website,
       address_line1, address_line2, city, state, postal_code, country,
       address, subject, lists::text as lists, statuses::text as statuses, is_related,
       memberships::text as memberships, organizations::text as organizations, list_memberships::text as list_memberships
from crm_sync.extracted where run_id = %(run_id)s and subject is not null
