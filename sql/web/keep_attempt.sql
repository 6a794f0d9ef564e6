-- Somebody sets out to allow a provider's account; an earlier attempt of theirs is forgotten.
insert into crm_sync.remembered (provider, kind, key, value)
values (%(provider)s, 'connecting', %(who)s, to_jsonb(%(state)s::text))
on conflict (provider, kind, key) do update set value = excluded.value, at = now()
