insert into crm_sync.calls as c (provider, day, calls) values (%(provider)s, %(day)s, %(calls)s)
on conflict (provider, day) do update set calls = c.calls + excluded.calls
returning calls
