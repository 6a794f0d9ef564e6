-- Whether anything of the run has gone to the provider, or may have.
select exists (
    select from crm_sync.operation where run_id = %(run_id)s and (sent_at is not null or status in ('pending', 'sent'))
)
