-- watch_off
-- The provider is switched off or paused: the time in which it needs no run is not held against it later.
insert into crm_sync.watch (provider) values (%(provider)s)
on conflict (provider) do update set since = now()
