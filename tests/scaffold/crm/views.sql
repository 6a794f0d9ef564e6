-- The CRM's tables as views with the names of the reference CRM's, so that the pipeline's statements run on them
-- unchanged. Run it as the owner of the tables; it may be run again. Before an upgrade of the CRM run drop_views.sql,
-- since a column that a view uses cannot be altered; afterwards run this again.

create schema if not exists crm;
comment on schema crm is 'The CRM as CRM Sync reads it: views alone, no data';

create or replace view crm.contact as
select id as contact_id, 'individual'::text as kind, first_name, last_name, null::text as organization_name,
       null::text as job_title, null::text as phone, null::text as website, null::text as address_line1,
       null::text as address_line2, null::text as city, null::text as state, null::text as postal_code,
       null::text as country, wants_no_mail as do_not_contact
from public.person
where not is_deleted;

create or replace view crm.email_address as
select id as contact_id, email as address, true as is_primary
from public.person
where email <> '' and not is_deleted;

create or replace view crm.list as
select id as list_id, title as name, 'list'::text as kind, is_open as sync_enabled
from public.newsletter;

-- The pipeline updates do_not_contact, which PostgreSQL passes on where a view has one table and the column is as it is
-- there. Where more must happen, write a trigger instead of update on the view.
create or replace view crm.list_member as
select newsletter_id as list_id, person_id as contact_id, is_cancelled as do_not_contact, null::text as role,
       since as joined_on
from public.subscription;

create or replace view crm.membership_type as
select id as membership_type_id, title as name
from public.grade;

create or replace view crm.membership as
select id as membership_id, person_id as contact_id, grade_id as membership_type_id,
       case when is_paid then 'active' else 'dropped' end as status, since as started_on, null::date as expires_on
from public.dues;

create or replace view crm.relationship as
select null::bigint as individual_id, null::bigint as organization_id, null::text as title, false as is_primary
where false;
