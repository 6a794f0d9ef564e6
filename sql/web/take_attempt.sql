-- Whoever comes back is expected once, and for a while.
with taken as (
    delete from crm_sync.remembered where provider = %(provider)s and kind = 'connecting' and key = %(who)s
    returning value #>> '{}' as state, at
)
select state from taken where at > now() - make_interval(secs => %(seconds)s)
