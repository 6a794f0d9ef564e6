-- Up to where each provider has read the CRM.
select provider, snapshot from crm_sync.cursor where provider = any (%(providers)s::text[]) and snapshot is not null
