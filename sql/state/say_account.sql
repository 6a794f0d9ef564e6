insert into crm_sync.account_said (provider, answers, known_as, said, said_by)
values (%(provider)s, %(answers)s, %(known_as)s, %(said)s, %(said_by)s)
on conflict (provider, answers) do update
    set known_as = excluded.known_as, said = excluded.said, said_by = excluded.said_by, said_at = now()
