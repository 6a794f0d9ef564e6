-- The CRM was read up to here by a run that the question holds, and its Do Not Contact was sent.
update crm_sync.question q set seen_run_id = r.run_id
from crm_sync.run r where r.run_id = %(run_id)s and q.question_id = r.question_id and q.status = 'open' and r.left_over = 0
