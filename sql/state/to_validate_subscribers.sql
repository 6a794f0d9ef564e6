select contact_id, kind, first_name, last_name, organization_name, address, subject, lists::text as lists, flagged_lists::text as flagged_lists
from crm_sync.extracted where run_id = %(run_id)s and subject is not null
