select token from crm_sync.fence where provider = %(provider)s
