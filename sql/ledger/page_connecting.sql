-- The sync page: allowing a provider's account.

-- name: keep_attempt (provider, who, state) -> rows touched
-- Somebody sets out to allow a provider's account; an earlier attempt of theirs is forgotten.
insert into crm_sync.remembered (provider, kind, key, value)
values (%(provider)s, 'connecting', %(who)s, to_jsonb(%(state)s::text))
on conflict (provider, kind, key) do update set value = excluded.value, at = now();

-- name: take_attempt (provider, who, seconds) -> state
-- A browser that comes back is expected once, and for a while.
with taken as (
    delete from crm_sync.remembered where provider = %(provider)s and kind = 'connecting' and key = %(who)s
    returning value #>> '{}' as state, at
)
select state from taken where at > now() - make_interval(secs => %(seconds)s);
