select name from crm_sync.migration
