insert into crm_sync.remembered (provider, kind, key, value)
select %(provider)s, %(kind)s, r.key, r.value::jsonb from unnest(%(keys)s::text[], %(values)s::text[]) as r (key, value)
on conflict (provider, kind, key) do update set value = excluded.value, at = now()
