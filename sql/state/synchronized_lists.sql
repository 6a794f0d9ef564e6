-- The lists that a provider holds, by their names there.
select name from crm_sync.list_holding where provider = %(provider)s and remote_id is not null order by name
