-- From here on whatever an earlier run writes is refused; transactions that are about to commit are waited for.
insert into crm_sync.fence (provider, token) values (%(provider)s, nextval('crm_sync.run_token'))
on conflict (provider) do update set token = excluded.token
returning token
