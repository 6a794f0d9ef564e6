-- Tendenci as the CRM: its tables as views with the names of the reference CRM's, so that the pipeline's statements
-- run on them unchanged. Run it as the owner of Tendenci's tables; it may be run again. Before an upgrade of Tendenci
-- run drop_views.sql, since its migrations cannot alter a column that a view uses; afterwards run this again.
--
-- Ids: a user's contact_id is 2 * id, an organization's 2 * id + 1; the same for membership types and memberships.
-- Written for Tendenci 16.30, as the package index has it.

create schema if not exists crm;
comment on schema crm is 'Tendenci as CRM Sync reads it: views alone, no data';

-- A person who was deleted keeps the row: user name and address are rewritten with -soft-delete-, or the profile's
-- status is off. is_active is about logging in. Everyone has a profile, unless a cascade has deleted it, because the
-- user who made it was deleted for good. What it said about mail is lost then, so a person without one gets none.
create or replace view crm.contact as
select 2 * person.id::bigint as contact_id,
       'individual'::text as kind,
       nullif(person.first_name, '')::text as first_name,
       nullif(person.last_name, '')::text as last_name,
       nullif(profile.company, '')::text as organization_name,
       nullif(profile.position_title, '')::text as job_title,
       nullif(profile.phone, '')::text as phone,
       nullif(profile.url, '')::text as website,
       nullif(profile.address, '')::text as address_line1,
       nullif(profile.address2, '')::text as address_line2,
       nullif(profile.city, '')::text as city,
       nullif(profile.state, '')::text as state,
       nullif(profile.zipcode, '')::text as postal_code,
       nullif(profile.country, '')::text as country,
       not coalesce(profile.direct_mail, false) as do_not_contact
from public.auth_user as person
left join public.profiles_profile as profile on profile.user_id = person.id
where person.username not like '%-soft-delete-%' and coalesce(profile.status, true)
union all
select 2 * organization.id::bigint + 1, 'organization', null, null, nullif(organization.name, ''), null,
       nullif(organization.phone, ''), nullif(organization.url, ''), nullif(organization.address, ''),
       nullif(organization.address2, ''), nullif(organization.city, ''), nullif(organization.state, ''),
       nullif(organization.zip, ''), nullif(organization.country, ''), false
from public.corporate_memberships_corpprofile as organization
where organization.status;

create or replace view crm.email_address as
select 2 * id::bigint as contact_id, email::text as address, true as is_primary
from public.auth_user
where email <> '' and username not like '%-soft-delete-%'
union all
select 2 * id::bigint + 1, email, true
from public.corporate_memberships_corpprofile
where email <> '' and status;

-- A group is synchronized where its own "sync newsletters" says so; one that a committee names is a committee.
create or replace view crm.list as
select "group".id::bigint as list_id,
       "group".name::text as name,
       case when exists (select from public.committees_committee as committee
                         where committee.group_id = "group".id and committee.status)
            then 'committee' else 'list' end as kind,
       "group".sync_newsletters and "group".status and "group".status_detail = 'active' as sync_enabled
from public.user_groups_group as "group";

-- The role is the titles of an officer whose term has not ended, or else the member's own.
create or replace view crm.list_member as
select member.group_id::bigint as list_id,
       2 * member.member_id::bigint as contact_id,
       not member.is_newsletter_subscribed as do_not_contact,
       coalesce((select string_agg(position.title, ', ' order by officer.id)
                 from public.committees_officer as officer
                 join public.committees_committee as committee
                      on committee.id = officer.committee_id and committee.status
                 join public.committees_position as position on position.id = officer.position_id
                 where committee.group_id = member.group_id and officer.user_id = member.member_id
                   and (officer.expire_dt is null or officer.expire_dt >= current_date)),
                nullif(member.role, ''))::text as role,
       member.create_dt::date as joined_on
from public.user_groups_groupmembership as member
where member.status and member.status_detail = 'active';

-- A corporate membership whose type was deleted for good has none; it goes on, under a name of ours.
create or replace view crm.membership_type as
select 2 * id::bigint as membership_type_id, name::text as name from public.memberships_membershiptype
union all
select 2 * id::bigint + 1, name from public.corporate_memberships_corporatemembershiptype
union all
select 1, 'Corporate membership';

-- The status is status_detail's, never computed from a date: Tendenci's nightly job decides when a membership lapses.
-- A type that never expires stands for courtesy; an association with another rule adapts this line.
create or replace view crm.membership as
select 2 * held.id::bigint as membership_id,
       2 * held.user_id::bigint as contact_id,
       2 * held.membership_type_id::bigint as membership_type_id,
       case when lower(held.status_detail) = 'active' and kind.never_expires then 'courtesy'
            when lower(held.status_detail) = 'active' then 'active'
            when lower(held.status_detail) in ('pending', 'paid - pending approval') then 'prospective'
            else 'dropped' end as status,
       held.join_dt::date as started_on,
       held.expire_dt::date as expires_on
from public.memberships_membershipdefault as held
join public.memberships_membershiptype as kind on kind.id = held.membership_type_id
where held.status
union all
select 2 * held.id::bigint + 1, 2 * held.corp_profile_id::bigint + 1,
       2 * coalesce(held.corporate_membership_type_id, 0)::bigint + 1,
       case when lower(held.status_detail) = 'active' then 'active'
            when lower(held.status_detail) in ('pending', 'paid - pending approval') then 'prospective'
            else 'dropped' end,
       held.join_dt::date, held.expiration_dt::date
from public.corporate_memberships_corpmembership as held
join public.corporate_memberships_corpprofile as organization
     on organization.id = held.corp_profile_id and organization.status
where held.status;

-- corp_profile_id is no foreign key: 0 means none.
create or replace view crm.relationship as
select individual_id, organization_id, string_agg(distinct title, ', ') as title, bool_or(is_primary) as is_primary
from (
    select 2 * user_id::bigint as individual_id, 2 * corp_profile_id::bigint + 1 as organization_id,
           null::text as title, lower(status_detail) = 'active' as is_primary
    from public.memberships_membershipdefault
    where status and corp_profile_id <> 0 and lower(status_detail) in ('active', 'pending')
    union all
    select 2 * user_id::bigint, 2 * corp_profile_id::bigint + 1,
           nullif(concat_ws(', ', case when is_dues_rep then 'dues representative' end,
                                  case when is_member_rep then 'member representative' end), ''),
           false
    from public.corporate_memberships_corpmembershiprep
) as each
group by individual_id, organization_id;

-- An opt-out goes back as Tendenci itself would save it: a new key makes the links in earlier newsletters void.
create or replace function crm.keep_opt_out() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $function$
begin
    update public.user_groups_groupmembership
    set is_newsletter_subscribed = not new.do_not_contact,
        newsletter_key = gen_random_uuid()::text,
        update_dt = now()
    where group_id = old.list_id and 2 * member_id::bigint = old.contact_id;
    return new;
end
$function$;
revoke execute on function crm.keep_opt_out() from public;
create or replace trigger keep_opt_out instead of update on crm.list_member
    for each row execute function crm.keep_opt_out();
