-- A list that is not wanted any more makes room there: lists that were refused for want of it are due, and whoever was refused with them.
with leaving as (
    select from crm_sync.list_holding h
    where h.provider = %(provider)s and h.remote_id is not null
      and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id)
    limit 1
), waiting as (
    update crm_sync.list_holding h set retry_at = %(now)s
    where h.provider = %(provider)s and h.remote_id is null and h.reason = any (%(reasons)s::text[]) and exists (select from leaving)
    returning h.list_id
)
update crm_sync.holding h set retry_at = %(now)s
where h.provider = %(provider)s and h.reason = 'list_refused' and exists (select from waiting)
