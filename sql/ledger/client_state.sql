-- What a provider's client keeps between calls: tokens, calls of the day, answers that need not be asked for twice.

-- name: token_lock (provider) -> nothing
-- Two workers never renew one token at once. Released at commit.
select pg_advisory_xact_lock(hashtext('crm_sync.token'), hashtext(%(provider)s));

-- name: token (provider) -> sealed
select sealed from crm_sync.token where provider = %(provider)s;

-- name: store_token (provider, sealed) -> rows touched
insert into crm_sync.token (provider, sealed) values (%(provider)s, %(sealed)s)
on conflict (provider) do update set sealed = excluded.sealed, stored_at = now();

-- name: forget_token (provider) -> rows touched
delete from crm_sync.token where provider = %(provider)s;

-- name: count_calls (provider, day, calls) -> calls
insert into crm_sync.calls as c (provider, day, calls) values (%(provider)s, %(day)s, %(calls)s)
on conflict (provider, day) do update set calls = c.calls + excluded.calls
returning calls;

-- name: calls_of_day (provider, day) -> calls
select calls from crm_sync.calls where provider = %(provider)s and day = %(day)s;

-- name: put (provider, kind, keys, values) -> rows touched
insert into crm_sync.remembered (provider, kind, key, value)
select %(provider)s, %(kind)s, r.key, r.value::jsonb from unnest(%(keys)s::text[], %(values)s::text[]) as r (key, value)
on conflict (provider, kind, key) do update set value = excluded.value, at = now();

-- name: get (provider, kind, keys) -> key, value
select key, value from crm_sync.remembered
where provider = %(provider)s and kind = %(kind)s and key = any (%(keys)s::text[]);

-- name: pin (provider, kind, subscriber_keys, keys) -> rows touched
insert into crm_sync.relied_on as u (provider, kind, subscriber_key, key)
select %(provider)s, %(kind)s, r.subscriber_key, r.key
    from unnest(%(subscriber_keys)s::text[], %(keys)s::text[]) as r (subscriber_key, key)
on conflict (provider, kind, subscriber_key) do update set key = excluded.key where u.key <> excluded.key;

-- name: known (provider, subscriber_keys) -> subscriber_key
-- Of some subscribers those of whom the ledger has anything: what was once asked for them may have had its effect,
-- answered or not.
select subscriber_key from crm_sync.holding
    where provider = %(provider)s and subscriber_key = any (%(subscriber_keys)s::text[]);

-- name: has_held (provider, remote_id) -> boolean
-- Whether the ledger, or the run that is under way, knows of anybody whom the provider took by this id.
with newest as (select max(run_id) as run_id from crm_sync.run where provider = %(provider)s)
select exists (select from crm_sync.holding where provider = %(provider)s and remote_id = %(remote_id)s)
    or exists (select from crm_sync.call join newest using (run_id)
               where answered_at is not null and %(remote_id)s = any (remote_ids))
    or exists (select from crm_sync.outcome join newest using (run_id)
               where status = 'applied' and remote_id = %(remote_id)s);

-- name: archived_last (subscriber_keys, provider) -> subscriber_key
-- Of some subscribers those whom the pipeline took away last: by the newest operation that was applied, else by the
-- ledger.
select s.subscriber_key
from unnest(%(subscriber_keys)s::text[]) as s (subscriber_key)
left join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = s.subscriber_key
left join lateral (
    select o.verb from crm_sync.operation o
    where o.provider = %(provider)s and o.subscriber_key = s.subscriber_key and o.status = 'applied'
    order by o.operation_id desc limit 1
) last on true
where coalesce(last.verb in ('archive', 'suppress'), h.state in ('archived', 'suppressed'), false);
