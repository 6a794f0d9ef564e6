select to_regclass('crm_sync.migration') is not null
