select calls from crm_sync.calls where provider = %(provider)s and day = %(day)s
