select run_id, provider, mode, dry_run, allow_removals, state, snapshot, crm_identity, marker::text, since, until,
       allowed, allowed_by, question_id, everyone,
       coalesce(token, 0) as token, coalesce(account, '') as account, coalesce(fingerprint, '') as fingerprint, coalesce(do_not_contact_scope, '') as do_not_contact_scope
from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s
