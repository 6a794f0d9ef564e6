-- Whether the ledger, or the run that is under way, knows of anybody whom the provider took by this id.
select exists (select from crm_sync.holding where provider = %(provider)s and remote_id = %(remote_id)s)
    or exists (
        select from crm_sync.operation
        where run_id = (select max(run_id) from crm_sync.run where provider = %(provider)s)
            and status = 'applied' and remote_id = %(remote_id)s
    )
