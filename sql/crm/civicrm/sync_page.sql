-- What the sync page asks of CiviCRM.

-- name: find_people (contact_id, subscriber_key, name) -> contact_id, kind, name, address
-- People by id, address, or the beginning of a name.
--
-- Parameters  contact_id      bigint  a number that was asked for, or null
--             subscriber_key  text    an address, trimmed and lower-cased, or null
--             name            text    the beginning of a first name, last name, both, or an organization's;
--                                     lower-cased, or null
-- Returns     contact_id bigint, kind text, name text, address text (may be null); at most 25
with chosen as (
    select contact_id,
           coalesce(min(case when is_bulkmail = 1 then id end), min(case when is_primary = 1 then id end)) as email_id
    from civicrm_email
    where contact_id is not null and trim(email) <> ''
    group by contact_id
)
select contact.id as contact_id,
       case contact.contact_type when 'Organization' then 'organization' else 'individual' end as kind,
       case contact.contact_type when 'Organization' then coalesce(contact.organization_name, '')
            else concat_ws(' ', contact.first_name, contact.last_name) end as name,
       email.email as address
from civicrm_contact as contact
left join chosen on chosen.contact_id = contact.id
left join civicrm_email as email on email.id = chosen.email_id
where contact.is_deleted = 0 and contact.contact_type in ('Individual', 'Organization')
  and (contact.id = %(contact_id)s
       or lower(trim(email.email)) = %(subscriber_key)s
       or (%(name)s is not null
           and (locate(%(name)s, lower(contact.last_name)) = 1 or locate(%(name)s, lower(contact.first_name)) = 1
                or locate(%(name)s, lower(concat_ws(' ', contact.first_name, contact.last_name))) = 1
                or (contact.contact_type = 'Organization'
                    and locate(%(name)s, lower(contact.organization_name)) = 1))))
order by name, contact.id
limit 25;

-- name: lists_of (contact_id) -> list_id, name, sync_enabled, do_not_contact
-- Every group that a contact is in or was removed from, synchronized or not.
--
-- Parameters  contact_id     bigint
-- Returns     list_id bigint, name text, sync_enabled boolean, do_not_contact boolean (of the membership)
select list.id as list_id, coalesce(nullif(trim(list.frontend_title), ''), list.title) as name,
       case when list.is_active = 1 and list.is_hidden = 0 and list.saved_search_id is null
                 and exists (select 1 from civicrm_option_group as types
                             join civicrm_option_value as type on type.option_group_id = types.id
                             where types.name = 'group_type' and type.name = 'Mailing List'
                               and locate(concat(char(1), type.value, char(1)), list.group_type) > 0)
            then 1 else 0 end as sync_enabled,
       case member.status when 'Removed' then 1 else 0 end as do_not_contact
from civicrm_group_contact as member join civicrm_group as list on list.id = member.group_id
where member.contact_id = %(contact_id)s and member.status in ('Added', 'Removed')
order by name;

-- name: people (contact_ids) -> contact_id, name, address
-- Names and addresses of contacts, for an export.
--
-- Parameters  contact_ids  JSON
-- Returns     contact_id bigint, name text, address text (may be null)
with chosen as (
    select contact_id,
           coalesce(min(case when is_bulkmail = 1 then id end), min(case when is_primary = 1 then id end)) as email_id
    from civicrm_email
    where contact_id is not null and trim(email) <> ''
    group by contact_id
)
select contact.id as contact_id,
       case contact.contact_type when 'Organization' then coalesce(contact.organization_name, '')
            else concat_ws(' ', contact.first_name, contact.last_name) end as name,
       email.email as address
from json_table(%(contact_ids)s, '$[*]' columns (id bigint path '$')) as asked
join civicrm_contact as contact on contact.id = asked.id
left join chosen on chosen.contact_id = contact.id
left join civicrm_email as email on email.id = chosen.email_id;
