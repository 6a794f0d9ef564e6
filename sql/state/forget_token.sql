delete from crm_sync.token where provider = %(provider)s
