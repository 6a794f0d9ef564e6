select run_id, provider, mode, dry_run, allow_removals, state, snapshot, crm_identity, since, until,
       people_allowed, memberships_allowed, allowed_by
from crm_sync.run where provider = %(provider)s and airflow_run_id = %(airflow_run_id)s
