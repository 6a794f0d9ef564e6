-- Keep what an account said.
insert into crm_sync.remembered (provider, kind, key, value) values (%(provider)s, 'account_check', 'last', %(value)s::jsonb)
on conflict (provider, kind, key) do update set value = excluded.value, at = now()
