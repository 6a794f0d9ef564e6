select kind, since, now() - since as lasted from crm_sync.alert where provider = %(provider)s order by since, kind
