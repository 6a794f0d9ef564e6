-- Each contact with its address, or, where its data was set aside, with the subscriber it is held as.
select e.contact_id, e.kind, e.first_name, e.last_name, e.organization_name,
       case when s.contact_id is null then btrim(e.address) else coalesce(h.address, btrim(e.address)) end as address,
       case when s.contact_id is null then e.subject else coalesce(h.subject, e.subject) end as subject,
       e.do_not_contact, e.lists::text as lists, e.flagged_lists::text as flagged_lists,
       s.contact_id is not null as frozen
from crm_sync.extracted e
left join (select distinct contact_id from crm_sync.set_aside where run_id = %(run_id)s and holds_back) s using (contact_id)
left join lateral (
    select subject, address from crm_sync.holding
    where s.contact_id is not null and provider = %(provider)s
      and (contact_id = e.contact_id or (cardinality(contact_ids) > 1 and contact_ids @> array[e.contact_id]))
    order by state = 'active' desc, subject limit 1
) h on true
where e.run_id = %(run_id)s and e.subject is not null
order by subject, contact_id
