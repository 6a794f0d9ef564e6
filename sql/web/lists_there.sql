-- Lists at the providers, also those without anybody.
select provider, list_id, coalesce(crm_name, name) as list_name, reason from crm_sync.list_holding
where provider = any (%(providers)s::text[]) order by provider, list_name
