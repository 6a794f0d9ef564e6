-- People of the CRM by id, address, or the beginning of a name. Runs in the CRM; an association with another CRM adapts it.
--
-- Parameters  contact_id  bigint   a number that was asked for, or null
--             subject     text     an address, trimmed and lower-cased, or null
--             name        text     the beginning of a first name, last name, both, or an organization's; lower-cased, or null
-- Returns     contact_id bigint, kind text, name text, address text (may be null); at most 25
select c.contact_id, c.kind,
       case when c.kind = 'organization' then coalesce(c.organization_name, '') else concat_ws(' ', c.first_name, c.last_name) end as name,
       e.address
from crm.contact c
left join crm.email_address e on e.contact_id = c.contact_id and e.is_primary
where c.contact_id in (
    select %(contact_id)s::bigint
    union
    select a.contact_id from crm.email_address a where a.is_primary and lower(btrim(a.address)) = %(subject)s::text
    union (
        select n.contact_id from crm.contact n
        where %(name)s::text is not null
          and (starts_with(lower(n.last_name), %(name)s) or starts_with(lower(n.first_name), %(name)s)
               or starts_with(lower(concat_ws(' ', n.first_name, n.last_name)), %(name)s)
               or (n.kind = 'organization' and starts_with(lower(n.organization_name), %(name)s)))
        limit 25
    )
)
order by name, c.contact_id
limit 25
