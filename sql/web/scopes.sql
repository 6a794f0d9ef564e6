-- The Do Not Contact scope on which the newest run of each provider rests.
select distinct on (provider) provider, do_not_contact_scope
from crm_sync.run where provider = any(%(providers)s) and do_not_contact_scope is not null order by provider, run_id desc
