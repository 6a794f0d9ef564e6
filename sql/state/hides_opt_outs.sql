-- Whether something is left to send that would write over an opt-out, or hide it.
select exists (
    select from crm_sync.operation
    where run_id = %(run_id)s and status in ('pending', 'sent') and verb = any (%(verbs)s::text[])
)
