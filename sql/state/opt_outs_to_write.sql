select subject from crm_sync.opt_out where provider = %(provider)s and crm_written_at is null and lifted_at is null order by subject limit %(limit)s
