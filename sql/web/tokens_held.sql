-- Which accounts somebody has allowed.
select provider from crm_sync.token where provider = any (%(providers)s::text[])
