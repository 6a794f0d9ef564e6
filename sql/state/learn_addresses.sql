-- Who changed at the provider: under which address they are there now, and what the provider calls them where that was not known yet.
with told as (
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subject
    from (
        select remote_id, address from unnest(%(remote_ids)s::text[], %(addresses)s::text[]) as t (remote_id, address)
        union all
        -- Or all whom a full run read back.
        select remote_id, address from crm_sync.observed where %(read_back)s and run_id = %(run_id)s
    ) t
    where remote_id <> '' and address <> ''
), known as (
    update crm_sync.holding h set address = told.address
    from told
    where h.provider = %(provider)s and h.remote_id = told.remote_id and lower(btrim(h.address)) <> told.subject
)
update crm_sync.holding h set remote_id = told.remote_id
from told
where h.provider = %(provider)s and h.subject = told.subject and h.remote_id is null and h.state <> 'absent'
  and not exists (select from crm_sync.holding other where other.provider = h.provider and other.remote_id = told.remote_id)
