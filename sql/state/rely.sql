insert into crm_sync.relied_on as u (provider, kind, subject, key)
select %(provider)s, %(kind)s, r.subject, r.key from unnest(%(subjects)s::text[], %(keys)s::text[]) as r (subject, key)
on conflict (provider, kind, subject) do update set key = excluded.key where u.key <> excluded.key
