-- How far each provider is behind: contacts that the CRM changed and its last run had not seen. Runs in the CRM, over the
-- change log alone; an association with another CRM adapts it together with sql/extract/changed_contacts.sql.
--
-- Parameters  providers  text[]   names, and beside each
--             snapshots  text[]   the CRM snapshot of its last read
--             most       integer  no more rows of the log than these are looked at
-- Returns     provider text, contacts bigint, oldest timestamptz, is_more boolean (there are more than were looked at)
select p.provider, count(distinct c.contact_id) as contacts, min(c.changed_at) as oldest, count(c.contact_id) >= %(most)s as is_more
from unnest(%(providers)s::text[], %(snapshots)s::text[]) as p (provider, snapshot)
left join lateral (
    select contact_id, changed_at from crm.change_log
    where xid >= pg_snapshot_xmin(p.snapshot::pg_snapshot) and not pg_visible_in_snapshot(xid, p.snapshot::pg_snapshot)
    order by xid limit %(most)s
) c on true
group by p.provider
