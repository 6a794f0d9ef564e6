insert into crm_sync.account_said (provider, answers, known_as) values (%(provider)s, %(answers)s, %(known_as)s)
on conflict (provider, answers) do update set known_as = excluded.known_as, said_at = now()
