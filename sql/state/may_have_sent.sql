-- Whether anything of the run has gone to the provider, or may have.
select exists (select from crm_sync.call where run_id = %(run_id)s)
    or exists (select from crm_sync.part where run_id = %(run_id)s and is_unfolded and settled is null)
