-- A run from which the ledger has learned since this one had read the CRM.
select other.run_id
from crm_sync.run this
join crm_sync.run other on other.provider = this.provider and other.run_id <> this.run_id
where this.run_id = %(run_id)s and other.folded_at > coalesce(this.extracted_at, this.opened_at)
limit 1
