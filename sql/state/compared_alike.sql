-- Whether a run that compares everybody would do what an earlier one did, as far as it rests on the same and that was not long ago.
select seen.mode in ('full', 'compare') and seen.extracted_at > %(since)s and seen.log_installed = %(log_installed)s
   and (seen.crm_identity, seen.account, seen.fingerprint, seen.do_not_contact_scope)
       is not distinct from (this.crm_identity, this.account, this.fingerprint, this.do_not_contact_scope)
from crm_sync.run this, crm_sync.run seen
where this.run_id = %(run_id)s and seen.run_id = %(seen_run_id)s
