insert into crm_sync.token (provider, sealed) values (%(provider)s, %(sealed)s)
on conflict (provider) do update set sealed = excluded.sealed, stored_at = now()
