-- Whether something is left to send that would write over an opt-out, or hide it.
select exists (
    select from crm_sync.planned_operation p join crm_sync.operation o using (run_id, operation_id)
    where p.run_id = %(run_id)s and p.verb = any (%(verbs)s::text[]) and o.verb = p.verb and o.is_unfolded and o.status in ('pending', 'sent')
)
