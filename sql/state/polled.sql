insert into crm_sync.cursor (provider, polled_at) values (%(provider)s, %(polled_at)s)
on conflict (provider) do update set polled_at = excluded.polled_at
