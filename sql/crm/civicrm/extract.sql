-- What a run reads in CiviCRM. Tables and columns as in civicrm-core's schema/*.entityType.php.
--
-- Written for MariaDB 10.10 or newer. Arrays are numbers or words with commas between them, in order; NULL for none.
-- Lists of ids come in as JSON, NULL for everybody. An address is looked up by a collation that calls more addresses
-- equal than Python does, never fewer; which are one person's, the pipeline decides.

-- name: lists () -> list_id, name, kind
-- All lists to synchronize: groups that are mailing lists, active and not hidden. A smart group is left out, since its
-- people are in a cache that is empty whenever it is invalidated: that would look as though all had left.
--
-- Parameters  none
-- Returns     list_id bigint, name text, kind text (list | committee)
select list.id as list_id, coalesce(nullif(trim(list.frontend_title), ''), list.title) as name, 'list' as kind
from civicrm_group as list
where list.is_active = 1 and list.is_hidden = 0 and list.saved_search_id is null
  and exists (select 1 from civicrm_option_group as types
              join civicrm_option_value as type on type.option_group_id = types.id
              where types.name = 'group_type' and type.name = 'Mailing List'
                and locate(concat(char(1), type.value, char(1)), list.group_type) > 0)
order by list.id;

-- name: subscribers (contact_ids, subscriber_keys) -> contact_id, kind, first_name, last_name, organization_name,
--     address, subscriber_key, do_not_contact, lists, flagged_lists
-- Contacts for the e-mail providers, where contacts with one address are one subscriber, and Do Not Contact of either
-- wins. Everybody: those in at least one synchronized list, and those with Do Not Contact who share an address with one
-- of them. Or some: these contacts, in a list or not, with all who share an address with one of them.
--
-- Contacts in the trash are gone, and so is the one that a merge leaves over; households are nobody's subscriber.
-- Removed is the list with Do Not Contact; Pending has not confirmed yet and is in no list.
--
-- Parameters  contact_ids      JSON  null: everybody; else these contacts, and all who share an address with one;
--             subscriber_keys  JSON  and all with one of these addresses
-- Returns one row per contact
--   contact_id         bigint   the key
--   kind               text     individual | organization
--   first_name         text     as written, may be null
--   last_name          text     as written, may be null
--   organization_name  text     as written, may be null; for an individual, the employer as written
--   address            text     the address for bulk mail, or else the primary one; null if none
--   subscriber_key     text     the same: the pipeline trims and lower-cases it
--   do_not_contact     boolean  of the person: no e-mail, opted out, deceased, or the address is on hold
--   lists              text     the synchronized lists the contact is in
--   flagged_lists      text     those of them from which the contact was removed
with list as (
    select list.id as list_id
    from civicrm_group as list
    where list.is_active = 1 and list.is_hidden = 0 and list.saved_search_id is null
      and exists (select 1 from civicrm_option_group as types
                  join civicrm_option_value as type on type.option_group_id = types.id
                  where types.name = 'group_type' and type.name = 'Mailing List'
                    and locate(concat(char(1), type.value, char(1)), list.group_type) > 0)
), chosen as (
    select contact_id,
           coalesce(min(case when is_bulkmail = 1 then id end), min(case when is_primary = 1 then id end)) as email_id
    from civicrm_email
    where contact_id is not null and trim(email) <> ''
    group by contact_id
), person as (
    select contact.id as contact_id,
           case contact.contact_type when 'Organization' then 'organization' else 'individual' end as kind,
           contact.first_name, contact.last_name, contact.organization_name, email.email as address,
           case when contact.do_not_email = 1 or contact.is_opt_out = 1 or contact.is_deceased = 1
                     or coalesce(email.on_hold, 0) <> 0 then 1 else 0 end as do_not_contact,
           lower(trim(convert(email.email using utf8mb4))) collate utf8mb4_uca1400_ai_ci as alike
    from civicrm_contact as contact
    left join chosen on chosen.contact_id = contact.id
    left join civicrm_email as email on email.id = chosen.email_id
    where contact.is_deleted = 0 and contact.contact_type in ('Individual', 'Organization')
), sought as (
    select lower(trim(convert(own.email using utf8mb4))) collate utf8mb4_uca1400_ai_ci as alike
    from json_table(%(contact_ids)s, '$[*]' columns (id bigint path '$')) as ids
    join civicrm_email as own on own.contact_id = ids.id and trim(own.email) <> ''
    union
    select lower(trim(address)) collate utf8mb4_uca1400_ai_ci
    from json_table(%(subscriber_keys)s, '$[*]' columns (
        address varchar(512) character set utf8mb4 path '$')) as addresses
), asked as (
    select id as contact_id from json_table(%(contact_ids)s, '$[*]' columns (id bigint path '$')) as ids
    union
    select email.contact_id
    from civicrm_email as email join chosen on chosen.email_id = email.id
    where %(contact_ids)s is not null
      and lower(trim(convert(email.email using utf8mb4))) collate utf8mb4_uca1400_ai_ci in (select alike from sought)
), membership as (
    select member.contact_id,
           group_concat(member.group_id order by member.group_id) as lists,
           group_concat(case member.status when 'Removed' then member.group_id end order by member.group_id)
               as flagged_lists
    from civicrm_group_contact as member
    join list on list.list_id = member.group_id
    where member.status in ('Added', 'Removed')
      and (%(contact_ids)s is null or member.contact_id in (select contact_id from asked))
    group by member.contact_id
), wanted as (
    select contact_id, lists, flagged_lists from membership where %(contact_ids)s is null
    union all
    select refusing.contact_id, null, null
    from person as refusing
    where %(contact_ids)s is null and refusing.do_not_contact = 1
      and refusing.alike in (select other.alike from person as other join membership using (contact_id))
      and refusing.contact_id not in (select contact_id from membership)
    union all
    select asked.contact_id, membership.lists, membership.flagged_lists
    from asked left join membership on membership.contact_id = asked.contact_id
    where %(contact_ids)s is not null
)
select person.contact_id, person.kind, person.first_name, person.last_name, person.organization_name, person.address,
       person.address as subscriber_key, person.do_not_contact, wanted.lists, wanted.flagged_lists
from wanted join person on person.contact_id = wanted.contact_id;

-- name: members (contact_ids, subscriber_keys) -> contact_id, kind, first_name, last_name, organization_name,
--     job_title, phone, website, address_line1, address_line2, city, state, postal_code, country, address,
--     subscriber_key, do_not_contact, lists, flagged_lists, statuses, is_related, memberships, organizations,
--     list_memberships
-- Contacts for the providers that hold members. Everybody: who has a membership or an employment, and who is in a
-- synchronized list. Or some: these contacts, whatever they are, with the organizations that employ them.
--
-- A membership that CiviCRM passes on by a relationship is a row of its own, whose owner is the organization's; one
-- that it does not pass on is the organization's alone. A status is active where CiviCRM counts it as current; Pending
-- is prospective; anything else is dropped. A date without day or month is none.
--
-- Parameters  contact_ids      JSON  null: everybody; else these contacts,
--             subscriber_keys  JSON  and these, by their subscriber_key
-- Returns one row per contact; columns as in the reference CRM's statement, and
--   subscriber_key     text     the contact_id as text
--   statuses           text     of its memberships
--   memberships, organizations, list_memberships  text  JSON
with list as (
    select list.id as list_id, coalesce(nullif(trim(list.frontend_title), ''), list.title) as name
    from civicrm_group as list
    where list.is_active = 1 and list.is_hidden = 0 and list.saved_search_id is null
      and exists (select 1 from civicrm_option_group as types
                  join civicrm_option_value as type on type.option_group_id = types.id
                  where types.name = 'group_type' and type.name = 'Mailing List'
                    and locate(concat(char(1), type.value, char(1)), list.group_type) > 0)
), in_list as (
    select member.contact_id,
           group_concat(list.list_id order by list.list_id) as lists,
           group_concat(case member.status when 'Removed' then list.list_id end order by list.list_id)
               as flagged_lists,
           group_concat('{"list_id":', list.list_id, ',"name":', json_quote(list.name),
                        ',"kind":"list","role":null,"since":null}' order by list.list_id) as list_memberships
    from civicrm_group_contact as member join list on list.list_id = member.group_id
    where member.status in ('Added', 'Removed')
    group by member.contact_id
), held as (
    select own.id, own.contact_id,
           case when status.name = 'Pending' then 'prospective' when status.is_current_member = 1 then 'active'
                else 'dropped' end as status,
           type.id as type_id, type.name as type,
           case when day(own.join_date) > 0 and month(own.join_date) > 0
                then concat('"', cast(own.join_date as char), '"') else 'null' end as since,
           case when day(own.end_date) > 0 and month(own.end_date) > 0
                then concat('"', cast(own.end_date as char), '"') else 'null' end as until,
           giver.id as organization_id
    from civicrm_membership as own
    join civicrm_membership_type as type on type.id = own.membership_type_id
    join civicrm_membership_status as status on status.id = own.status_id
    left join civicrm_membership as passed_on on passed_on.id = own.owner_membership_id
    left join civicrm_contact as giver on giver.id = passed_on.contact_id and giver.contact_type = 'Organization'
    where own.is_test = 0
), has_status as (
    select contact_id,
           group_concat(distinct status order by status) as statuses,
           group_concat('{"type_id":', type_id, ',"type":', json_quote(type), ',"status":"', status, '","since":',
                        since, ',"until":', until, ',"organization_id":', coalesce(organization_id, 'null'), '}'
                        order by organization_id, id) as memberships
    from held
    group by contact_id
), employed as (
    select distinct relation.contact_id_a as individual_id, organization.id as organization_id,
           organization.organization_name as name, person.job_title as title,
           case when person.employer_id = organization.id then 1 else 0 end as is_primary
    from civicrm_relationship as relation
    join civicrm_relationship_type as type on type.id = relation.relationship_type_id
    join civicrm_contact as person on person.id = relation.contact_id_a and person.is_deleted = 0
    join civicrm_contact as organization on organization.id = relation.contact_id_b and organization.is_deleted = 0
    where type.name_a_b = 'Employee of' and relation.is_active = 1
      and (relation.start_date is null or relation.start_date <= current_date())
      and (relation.end_date is null or relation.end_date >= current_date())
), belongs as (
    select individual_id,
           group_concat('{"organization_id":', organization_id, ',"name":', coalesce(json_quote(name), 'null'),
                        ',"title":', coalesce(json_quote(title), 'null'), ',"is_primary":',
                        case is_primary when 1 then 'true' else 'false' end, '}'
                        order by is_primary desc, organization_id) as organizations
    from employed
    group by individual_id
), related as (
    select distinct employed.organization_id
    from employed
    join in_list on in_list.contact_id = employed.individual_id
    join held on held.contact_id = employed.individual_id and held.status = 'active'
), asked as (
    select id as contact_id from json_table(%(contact_ids)s, '$[*]' columns (id bigint path '$')) as ids
    union
    select id from json_table(%(subscriber_keys)s, '$[*]' columns (id bigint path '$')) as ids
), wanted as (
    select contact_id from held where %(contact_ids)s is null
    union
    select individual_id from employed where %(contact_ids)s is null
    union
    select organization_id from employed where %(contact_ids)s is null
    union
    select contact_id from in_list where %(contact_ids)s is null
    union
    select contact_id from asked
    union
    select employed.organization_id from employed join asked on asked.contact_id = employed.individual_id
), chosen as (
    select contact_id,
           coalesce(min(case when is_bulkmail = 1 then id end), min(case when is_primary = 1 then id end)) as email_id
    from civicrm_email
    where contact_id is not null and trim(email) <> ''
    group by contact_id
), telephone as (
    select contact_id, min(id) as phone_id from civicrm_phone where is_primary = 1 group by contact_id
), site as (
    select contact_id, min(id) as website_id from civicrm_website group by contact_id
), place as (
    select contact_id, min(id) as address_id from civicrm_address where is_primary = 1 group by contact_id
)
select contact.id as contact_id,
       case contact.contact_type when 'Organization' then 'organization' else 'individual' end as kind,
       contact.first_name, contact.last_name, contact.organization_name, contact.job_title, phone.phone,
       website.url as website, address.street_address as address_line1,
       address.supplemental_address_1 as address_line2, address.city, state.abbreviation as state,
       address.postal_code, country.iso_code as country, email.email as address,
       cast(contact.id as char) as subscriber_key,
       case when contact.do_not_email = 1 or contact.is_opt_out = 1 or contact.is_deceased = 1
                 or coalesce(email.on_hold, 0) <> 0 then 1 else 0 end as do_not_contact,
       in_list.lists, in_list.flagged_lists, has_status.statuses,
       case when related.organization_id is not null and contact.contact_type = 'Organization' then 1 else 0 end
           as is_related,
       concat('[', coalesce(has_status.memberships, ''), ']') as memberships,
       concat('[', coalesce(belongs.organizations, ''), ']') as organizations,
       concat('[', coalesce(in_list.list_memberships, ''), ']') as list_memberships
from wanted
join civicrm_contact as contact on contact.id = wanted.contact_id
left join chosen on chosen.contact_id = contact.id
left join civicrm_email as email on email.id = chosen.email_id
left join telephone on telephone.contact_id = contact.id
left join civicrm_phone as phone on phone.id = telephone.phone_id
left join site on site.contact_id = contact.id
left join civicrm_website as website on website.id = site.website_id
left join place on place.contact_id = contact.id
left join civicrm_address as address on address.id = place.address_id
left join civicrm_state_province as state on state.id = address.state_province_id
left join civicrm_country as country on country.id = address.country_id
left join in_list on in_list.contact_id = contact.id
left join has_status on has_status.contact_id = contact.id
left join belongs on belongs.individual_id = contact.id
left join related on related.organization_id = contact.id
where contact.is_deleted = 0 and contact.contact_type in ('Individual', 'Organization');
