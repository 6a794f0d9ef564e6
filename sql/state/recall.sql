select key, value from crm_sync.remembered where provider = %(provider)s and kind = %(kind)s and key = any (%(keys)s::text[])
