-- What a run reads in the CRM, in the order it asks. The contacts and the lists are what most adapt.

-- name: snapshot () -> snapshot, crm_identity, now
-- Where the CRM stands now: the cursor of this read. Run it first in the REPEATABLE READ transaction that also reads
-- the changes and the contacts; that transaction must not write to the CRM. An association with another CRM names its
-- own change log in the last line of the identity.
--
-- Parameters  none
-- Returns one row
--   snapshot      text         the transactions visible to this read; the next read's last_snapshot
--   crm_identity  text         differs after the CRM was restored, moved, or failed over: old cursors are void then
--   now           timestamptz  the CRM's clock
--
-- The timeline stands in the name of the WAL segment being written: after a promotion the control file tells the old
-- one until a checkpoint has ended. Without the function for it, in recovery, nothing is written.
select pg_current_snapshot()::text as snapshot,
       concat_ws('/',
                 (select system_identifier from pg_control_system()),
                 case when pg_is_in_recovery() then 'replica'
                      else left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end,
                 (select oid from pg_database where datname = current_database()),
                 'crm.change_log'::regclass::oid) as crm_identity,
       clock_timestamp() as now;

-- name: change_log_state () -> doubt, installed
-- Whether the change log sees every change. If not, the run compares everybody, and says why. Run it in the
-- transaction of snapshot. An association with another CRM names its own tables.
--
-- Parameters  none
-- Returns one row
--   doubt      text  what the log may miss changes by; null if nothing:
--                    a trigger that is missing, conditional, or not ENABLE ALWAYS;
--                    a subscription of logical replication, which fires no statement's trigger;
--                    a partition or child table, which can be written to by its own name
--   installed  text  differs after a trigger, its function or the storage of a table was replaced: what happened
--                    meanwhile, the log may have missed; ALTER COLUMN ... USING, for example, fires no trigger
with logged as (
    select name, to_regclass('crm.' || quote_ident(name)) as relid
    from unnest(array['contact', 'email_address', 'list', 'list_member', 'membership_type', 'membership',
                      'relationship']) as name
), expected as (
    select logged.name || '.' || trigger_name as name, there.oid, there.xmin as version,
           coalesce(there.tgenabled = 'A' and there.tgqual is null and there.tgattr::text = ''
                    and there.tgfoid = to_regprocedure('crm.log_change()'), false) as is_alive
    from logged
    cross join unnest(array['log_insert', 'log_update', 'log_delete', 'log_truncate']) as trigger_name
    left join pg_trigger as there on there.tgrelid = logged.relid and there.tgname = trigger_name
)
select nullif(concat_ws('; ',
           (select string_agg(name, ', ' order by name) || ' missing or not ENABLE ALWAYS' from expected
            where not is_alive),
           (select string_agg(name, ', ' order by name) || ' fed by logical replication' from logged
            where exists (select from pg_subscription_rel where srrelid = logged.relid)),
           (select string_agg(name, ', ' order by name) || ' with partitions or child tables' from logged
            where exists (select from pg_inherits where inhparent = logged.relid))), '') as doubt,
       md5(concat_ws('/',
           (select string_agg(concat_ws(':', name, oid, version), ',' order by name) from expected),
           (select concat_ws(':', oid, xmin) from pg_proc where oid = to_regprocedure('crm.log_change()')),
           (select string_agg(concat_ws(':', name, relfilenode), ',' order by name)
            from logged join pg_class on pg_class.oid = logged.relid))) as installed;

-- name: cursor_is_usable (last_snapshot, crm_identity) -> usable
-- Whether the changes since a cursor are known; if not, the run must compare everyone. False when
--   the CRM's transaction ids started again (restored from a dump): the cursor lies ahead of the present;
--   the change log was pruned of rows the cursor had not seen;
--   this is a replica, whose snapshots do not name the transactions still open on the primary.
-- A changed crm_identity (snapshot) also voids the cursor; the caller compares it.
--
-- Parameters  last_snapshot  text     column snapshot of the last read
--             crm_identity   text     of the CRM now
-- Returns one row
--   usable                   boolean
select pg_snapshot_xmax(%(last_snapshot)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
   and not exists (select from crm.change_log_horizon as horizon
                   where horizon.crm_identity = %(crm_identity)s
                     and horizon.pruned_xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot))
   and not pg_is_in_recovery() as usable;

-- name: lists () -> list_id, name, kind
-- All lists and committees to synchronize.
--
-- Parameters  none
-- Returns     list_id bigint, name text, kind text (list | committee)
select list_id, name, kind
from crm.list
where sync_enabled
order by list_id;

-- name: changed_contacts (last_snapshot, since, until) -> contact_id
-- The contacts concerned by what the change log has noted: since the last read, or, for a backfill, in an interval of
-- time. Run it in the REPEATABLE READ transaction of snapshot: whom a cause concerns is found as this read sees the
-- CRM.
--
-- Since the last read: by a transaction that is visible to this read and was not to the last one, so that one that
-- began before the last read and committed after it is neither lost nor read twice. The first of these conditions
-- only lets the index skip what both have seen. An interval goes by the time a transaction began, so it is
-- approximate at both ends.
--
-- Parameters  last_snapshot  text         column snapshot of the last read; null: whatever the last read saw
--             since, until   timestamptz  the interval, without its end; null: no bound
-- Returns     contact_id     bigint       each once; some may be deleted by now; null where everybody may be concerned
--
-- OFFSET 0 keeps the planner from joining: each table is read by its index, key by key, however large it is.
with noted as materialized (
    select distinct cause, key
    from crm.change_log
    where (%(last_snapshot)s::text is null
           or (xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot)
               and pg_visible_in_snapshot(xid, pg_current_snapshot())
               and not pg_visible_in_snapshot(xid, %(last_snapshot)s::pg_snapshot)))
      and (%(since)s::timestamptz is null or changed_at >= %(since)s::timestamptz)
      and (%(until)s::timestamptz is null or changed_at < %(until)s::timestamptz)
), holder as materialized (
    select key as contact_id from noted where cause = 'contact'
    union
    select held.contact_id from noted
    cross join lateral (select contact_id from crm.membership where membership_type_id = noted.key offset 0) as held
    where noted.cause = 'type'
)
select contact_id from holder
union
select related.individual_id from holder
cross join lateral (select individual_id from crm.relationship
                    where organization_id = holder.contact_id offset 0) as related
union
select member.contact_id from noted
cross join lateral (select contact_id from crm.list_member where list_id = noted.key offset 0) as member
where noted.cause = 'list'
union
select sharing.contact_id from noted
cross join lateral (select contact_id from crm.email_address
                    where is_primary and hashtextextended(lower(btrim(address)), 0) = noted.key offset 0) as sharing
where noted.cause = 'address'
union
select key from noted where cause = 'everything';

-- name: subscribers (contact_ids, subscriber_keys) -> contact_id, kind, first_name, last_name, organization_name,
--     address, subscriber_key, do_not_contact, lists, flagged_lists
-- Contacts for the e-mail providers, where contacts with one address are one subscriber, and Do Not Contact of either
-- wins. Everybody: those in at least one synchronized list, and those with Do Not Contact who share an address with one
-- of them. Or some: these contacts, in a list or not, with all who share an address with one of them; those in no list
-- and without Do Not Contact come too, so they must not decide what the subscriber is called.
--
-- Parameters  contact_ids  bigint[]  null: everybody; else these contacts, and all who have the subscriber_key of one
-- of them;
--             subscriber_keys     text[]    and all whose subscriber_key is one of these (for a contact deleted from
--             the CRM)
-- Returns one row per contact
--   contact_id         bigint    the key
--   kind               text      individual | organization
--   first_name         text      as written, may be null
--   last_name          text      as written, may be null
--   organization_name  text      as written, may be null
--   address            text      the primary address as written; null if none
--   subscriber_key            text      the address trimmed and lower-cased, which tells subscribers apart; null if
--   blank
--   do_not_contact     boolean   the contact's own flag
--   lists              bigint[]  the synchronized lists the contact is in, sorted; {} if none
--   flagged_lists      bigint[]  those of them whose membership has Do Not Contact, sorted; {} if none
--
-- Runs inside COPY (...) TO STDOUT. The planner knows the parameters, so that the half for everybody, or the one for
-- some, is not there for it; ids go through arrays, so that some are read by index, however large the tables are.
with asked as (
    select unnest(%(contact_ids)s::bigint[]) as contact_id
    union
    select email.contact_id
    from crm.email_address as email
    where email.is_primary
      and lower(btrim(email.address)) = any (array(
          select unnest(%(subscriber_keys)s::text[])
          union
          select lower(btrim(own.address)) from crm.email_address as own
          where own.is_primary and own.contact_id = any (%(contact_ids)s::bigint[])
      ))
      and btrim(email.address) <> ''
), membership as not materialized (
    select member.contact_id,
           array_agg(member.list_id order by member.list_id) as lists,
           array_agg(member.list_id order by member.list_id) filter (where member.do_not_contact) as flagged_lists
    from crm.list_member as member join crm.list as list using (list_id)
    where list.sync_enabled
      and (%(contact_ids)s::bigint[] is null or member.contact_id = any (array(select contact_id from asked)))
    group by member.contact_id
), sharing as (
    select contact.contact_id
    from crm.contact
    join crm.email_address as own on own.contact_id = contact.contact_id and own.is_primary
    join crm.email_address as other on lower(btrim(other.address)) = lower(btrim(own.address)) and other.is_primary
    where contact.do_not_contact
      and btrim(own.address) <> ''
      and exists (select from crm.list_member as member join crm.list as list using (list_id)
                  where member.contact_id = other.contact_id and list.sync_enabled)
), wanted as (
    select contact_id, lists, flagged_lists from membership
    where %(contact_ids)s::bigint[] is null
    union all
    select distinct contact_id, '{}'::bigint[], '{}'::bigint[] from sharing
    where %(contact_ids)s::bigint[] is null
      and not exists (select from crm.list_member as member join crm.list as list using (list_id)
                      where member.contact_id = sharing.contact_id and list.sync_enabled)
    union all
    select contact_id, membership.lists, membership.flagged_lists from asked left join membership using (contact_id)
    where %(contact_ids)s::bigint[] is not null
)
select contact.contact_id,
       contact.kind,
       contact.first_name,
       contact.last_name,
       contact.organization_name,
       email.address,
       nullif(lower(btrim(email.address)), '') as subscriber_key,
       contact.do_not_contact,
       coalesce(wanted.lists, '{}') as lists,
       coalesce(wanted.flagged_lists, '{}') as flagged_lists
from wanted
join crm.contact on contact.contact_id = wanted.contact_id
left join crm.email_address as email on email.contact_id = contact.contact_id and email.is_primary
where %(contact_ids)s::bigint[] is null or contact.contact_id = any (array(select contact_id from asked));

-- name: members (contact_ids, subscriber_keys) -> contact_id, kind, first_name, last_name, organization_name,
--     job_title, phone, website, address_line1, address_line2, city, state, postal_code, country, address,
--     subscriber_key, do_not_contact, lists, flagged_lists, statuses, is_related, memberships, organizations,
--     list_memberships
-- Contacts for the providers that hold members. Everybody: who has a membership or belongs to an organization, and
-- who is in a synchronized list; what a provider takes of them its own mapping decides (Active, Courtesy, individuals
-- only). Or some: these contacts, whatever they are, with the organizations they belong to, since whether an
-- organization is needed there depends on its people.
--
-- Parameters  contact_ids  bigint[]  null: everybody; else these contacts,
--             subscriber_keys     text[]    and these, by their subscriber_key (to be tried again)
-- Returns one row per contact
--   contact_id         bigint    the key
--   kind               text      individual | organization
--   first_name, last_name, organization_name, job_title, phone, website, address_line1, address_line2, city, state,
--   postal_code, country  text   as written, may be null
--   address            text      the primary e-mail address as written; null if none
--   subscriber_key            text      the contact_id as text: what tells members apart; never null
--   do_not_contact     boolean   the contact's own flag
--   lists              bigint[]  the synchronized lists the contact is in, sorted; {} if none
--   flagged_lists      bigint[]  those of them whose membership has Do Not Contact, sorted; {} if none
--   statuses           text[]    of its memberships and, for an individual, of those of its organizations, sorted; {}
--                                if none
--   is_related         boolean   for an organization: whether an individual of it is an active member in a synchronized
--                                list
--   memberships        jsonb     [{type_id, type, status, since, until, organization_id (null: its own)}], since and
--                                until yyyy-mm-dd or null
--   organizations      jsonb     [{organization_id, name, title, is_primary}], the main one first
--   list_memberships   jsonb     [{list_id, name, kind, role, since}] of the synchronized lists, by list_id
--
-- Runs inside COPY (...) TO STDOUT; as in subscribers, the planner knows the parameters, and reads some by index.
with asked as (
    select unnest(%(contact_ids)s::bigint[]) as contact_id
    union
    select subscriber_key::bigint from unnest(%(subscriber_keys)s::text[]) as subscriber_key
), wanted as not materialized (
    select contact_id from crm.membership where %(contact_ids)s::bigint[] is null
    union
    select individual_id from crm.relationship where %(contact_ids)s::bigint[] is null
    union
    select organization_id from crm.relationship where %(contact_ids)s::bigint[] is null
    union
    select member.contact_id from crm.list_member as member join crm.list as list using (list_id)
    where %(contact_ids)s::bigint[] is null and list.sync_enabled
    union
    select contact_id from asked
    union
    select relation.organization_id from crm.relationship as relation
    join asked on relation.individual_id = asked.contact_id
)
select contact.contact_id,
       contact.kind,
       contact.first_name,
       contact.last_name,
       contact.organization_name,
       contact.job_title,
       contact.phone,
       contact.website,
       contact.address_line1,
       contact.address_line2,
       contact.city,
       contact.state,
       contact.postal_code,
       contact.country,
       email.address,
       contact.contact_id::text as subscriber_key,
       contact.do_not_contact,
       coalesce(in_list.lists, '{}') as lists,
       coalesce(in_list.flagged_lists, '{}') as flagged_lists,
       coalesce(held.statuses, '{}') as statuses,
       contact.kind = 'organization' and exists (
           select from crm.relationship as relation
           join crm.contact as person on person.contact_id = relation.individual_id and person.kind = 'individual'
           where relation.organization_id = contact.contact_id
             and exists (select from crm.list_member as member join crm.list as list using (list_id)
                         where member.contact_id = relation.individual_id and list.sync_enabled)
             and (exists (select from crm.membership
                          where membership.contact_id = relation.individual_id and membership.status = 'active')
                  or exists (select from crm.relationship as other
                             join crm.membership on membership.contact_id = other.organization_id
                             where other.individual_id = relation.individual_id and membership.status = 'active'))
       ) as is_related,
       coalesce(held.memberships, '[]') as memberships,
       coalesce(belongs.organizations, '[]') as organizations,
       coalesce(in_list.list_memberships, '[]') as list_memberships
from crm.contact
left join crm.email_address as email on email.contact_id = contact.contact_id and email.is_primary
cross join lateral (
    select array_agg(member.list_id order by member.list_id) as lists,
           array_agg(member.list_id order by member.list_id) filter (where member.do_not_contact) as flagged_lists,
           jsonb_agg(jsonb_build_object('list_id', list.list_id, 'name', list.name, 'kind', list.kind, 'role',
                                        member.role,
                                        'since', member.joined_on) order by list.list_id) as list_memberships
    from crm.list_member as member join crm.list as list using (list_id)
    where member.contact_id = contact.contact_id and list.sync_enabled
) as in_list
cross join lateral (
    select array_agg(distinct own.status order by own.status) as statuses,
           jsonb_agg(jsonb_build_object('type_id', own.membership_type_id, 'type', kind.name, 'status', own.status,
                                        'since', own.started_on, 'until', own.expires_on,
                                        'organization_id', own.organization_id)
                     order by own.organization_id nulls first, own.membership_id) as memberships
    from (
        select membership.*, null::bigint as organization_id from crm.membership
        where membership.contact_id = contact.contact_id
        union all
        select membership.*, relation.organization_id from crm.relationship as relation
        join crm.membership on membership.contact_id = relation.organization_id
        where relation.individual_id = contact.contact_id and contact.kind = 'individual'
    ) as own
    join crm.membership_type as kind using (membership_type_id)
) as held
cross join lateral (
    select jsonb_agg(jsonb_build_object('organization_id', organization.contact_id, 'name',
                                        organization.organization_name,
                                        'title', relation.title, 'is_primary', relation.is_primary)
                     order by relation.is_primary desc, organization.contact_id) as organizations
    from crm.relationship as relation
    join crm.contact as organization on organization.contact_id = relation.organization_id
    where relation.individual_id = contact.contact_id
) as belongs
where contact.contact_id in (select contact_id from wanted)
  and (%(contact_ids)s::bigint[] is null or contact.contact_id = any (array(select contact_id from wanted)));
