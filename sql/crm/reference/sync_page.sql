-- What the sync page asks of the CRM.

-- name: behind (most, providers, snapshots) -> provider, changes, oldest, is_more
-- How far each provider is behind: changes in the CRM that its last run had not seen. Over the change log alone:
-- whom a change concerns, the next run finds out.
--
-- Parameters  providers  text[]   names, and beside each
--             snapshots  text[]   the CRM snapshot of its last read
--             most       integer  no more rows of the log than these are looked at
-- Returns     provider text, changes bigint, oldest timestamptz, is_more boolean (there are more than were looked at)
select p.provider, count(distinct (c.cause, c.key)) filter (where c.cause is not null) as changes,
       min(c.changed_at) as oldest, count(c.cause) >= %(most)s as is_more
from unnest(%(providers)s::text[], %(snapshots)s::text[]) as p (provider, snapshot)
left join lateral (
    select cause, key, changed_at from crm.change_log
    where xid >= pg_snapshot_xmin(p.snapshot::pg_snapshot) and pg_visible_in_snapshot(xid, pg_current_snapshot())
      and not pg_visible_in_snapshot(xid, p.snapshot::pg_snapshot)
    order by xid limit %(most)s
) c on true
group by p.provider;

-- name: find_people (contact_id, subscriber_key, name) -> contact_id, kind, name, address
-- People of the CRM by id, address, or the beginning of a name.
--
-- Parameters  contact_id  bigint   a number that was asked for, or null
--             subscriber_key     text     an address, trimmed and lower-cased, or null
--             name        text     the beginning of a first name, last name, both, or an organization's; lower-cased,
--                                  or null
-- Returns     contact_id bigint, kind text, name text, address text (may be null); at most 25
select c.contact_id, c.kind,
       case when c.kind = 'organization' then coalesce(c.organization_name, '')
            else concat_ws(' ', c.first_name, c.last_name) end as name,
       e.address
from crm.contact c
left join crm.email_address e on e.contact_id = c.contact_id and e.is_primary
where c.contact_id in (
    select %(contact_id)s::bigint
    union
    select a.contact_id from crm.email_address a
        where a.is_primary and lower(btrim(a.address)) = %(subscriber_key)s::text
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
limit 25;

-- name: lists_of (contact_id) -> list_id, name, sync_enabled, do_not_contact
-- Every list and committee that a contact is in, synchronized or not.
--
-- Parameters  contact_id     bigint
-- Returns     list_id bigint, name text, sync_enabled boolean, do_not_contact boolean (of the membership)
select l.list_id, l.name, l.sync_enabled, m.do_not_contact
from crm.list_member m join crm.list l using (list_id)
where m.contact_id = %(contact_id)s
order by l.name;

-- name: people (contact_ids) -> contact_id, name, address
-- Names and addresses of contacts, for an export.
--
-- Parameters  contact_ids  bigint[]
-- Returns     contact_id bigint, name text, address text (may be null)
select c.contact_id,
       case when c.kind = 'organization' then coalesce(c.organization_name, '')
            else concat_ws(' ', c.first_name, c.last_name) end as name,
       e.address
from crm.contact c
left join crm.email_address e on e.contact_id = c.contact_id and e.is_primary
where c.contact_id = any (%(contact_ids)s::bigint[]);
