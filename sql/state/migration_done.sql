insert into crm_sync.migration (name) values (%(name)s)
