-- An old answer goes when the record of nobody who is held was sent with it; so does the note of who was sent with which.
with unheld as (
    delete from crm_sync.relied_on u
    where u.provider = %(provider)s
      and not exists (select from crm_sync.holding h where h.provider = u.provider and h.subject = u.subject and h.state = 'active')
)
delete from crm_sync.remembered r
where r.provider = %(provider)s and r.at < %(before)s
  and not exists (
    select from crm_sync.relied_on u
    join crm_sync.holding h on h.provider = u.provider and h.subject = u.subject and h.state = 'active'
    where u.provider = r.provider and u.kind = r.kind and u.key = r.key)
