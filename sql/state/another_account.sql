-- A name that no account has had, for one that cannot be told from the last. The last gets one too, where it has none.
with named as (
    insert into crm_sync.cursor as c (provider, account) values (%(provider)s, null)
    on conflict (provider) do update set account = coalesce(c.account, 'the account before')
)
select concat_ws(' of ', 'no. ' || nextval('crm_sync.run_token'), nullif(%(answers)s::text, '')) as known_as
