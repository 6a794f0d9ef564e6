-- Nobody has to ask about a ticket any more: what it was about has its outcome, or goes on under another one.
update crm_sync.call set ticket = null where run_id = %(run_id)s and ticket = %(ticket)s
