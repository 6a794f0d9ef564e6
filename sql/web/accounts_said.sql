-- What people have said of accounts since the last run was opened, the newest of each provider.
select distinct on (provider) provider, said, said_by, said_at
from crm_sync.account_said as a
where provider = any (%(providers)s) and said is not null
  and not exists (select from crm_sync.run r where r.provider = a.provider and r.opened_at > a.said_at)
order by provider, said_at desc
