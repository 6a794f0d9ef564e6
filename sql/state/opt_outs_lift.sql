-- A full run saw the person subscribed there again: by their own will, for the pipeline never does it.
update crm_sync.opt_out o set lifted_at = now()
from crm_sync.observed v
where o.provider = %(provider)s and o.lifted_at is null and v.run_id = %(run_id)s and v.subject = o.subject and v.status = 'subscribed'
