select contact_id, kind, first_name, last_name, organization_name, address, subject
from crm_sync.extracted where run_id = %(run_id)s and subject is not null and lists <> '{}'
