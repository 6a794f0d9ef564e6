-- What the brake weighs of a plan, beside what the ledger holds by the counts it keeps. Do Not Contact, with the memberships that go with it,
-- is weighed apart. Asked only where a verb's operations are more than the floor: a small run does not pay for it.
with planned as (
    select verb, subject, from_subject, list_id, address from crm_sync.part
    where run_id = %(run_id)s and settled is null
      and verb in ('suppress', 'archive', 'remove_from_list', 'delete_list', 'change_address', 'update')
), changed as (
    select p.verb, p.verb = 'change_address' or lower(btrim(p.address)) <> lower(btrim(h.address)) as moves,
           concat(btrim(e.first_name), btrim(e.last_name), btrim(e.organization_name)) = ''
               and h.named is not false and d.payload_hash is distinct from h.payload_hash as loses_name
    from planned p
    join crm_sync.holding h on h.provider = %(provider)s and h.subject = coalesce(nullif(p.from_subject, ''), p.subject)
    join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = p.subject
    join crm_sync.extracted e on e.run_id = %(run_id)s and e.contact_id = d.contact_id
    where p.verb in ('change_address', 'update')
), held as (
    select coalesce(sum(people) filter (where kind = 'state' and what = 'active'), 0)::bigint as people,
           coalesce(sum(people) filter (where kind = 'list'), 0)::bigint as memberships
    from crm_sync.held_count where provider = %(provider)s
)
select
    (select count(*) from planned where verb = 'archive') as people,
    (select count(*) from planned p where p.verb = 'remove_from_list' and not crm_sync.goes_with_do_not_contact(%(run_id)s, %(provider)s, p.subject, p.list_id))
      + coalesce((select sum(c.people) from planned p join crm_sync.held_count c on c.provider = %(provider)s and c.kind = 'list' and c.what = p.list_id::text
                  where p.verb = 'delete_list'), 0)::bigint as memberships,
    (select count(*) from changed where moves) as addresses,
    (select count(*) from changed where loses_name) as names,
    (select count(*) from planned where verb = 'suppress') as suppressions,
    held.people as people_held, held.memberships as memberships_held
from held
