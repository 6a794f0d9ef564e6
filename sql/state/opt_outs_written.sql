update crm_sync.opt_out set crm_written_at = now() where provider = %(provider)s and subject = any(%(subjects)s::text[])
