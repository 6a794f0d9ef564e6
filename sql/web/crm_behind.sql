-- How far each provider is behind: changes in the CRM that its last run had not seen. Runs in the CRM, over the change log
-- alone: whom a change concerns, the next run finds out.
--
-- Parameters  providers  text[]   names, and beside each
--             snapshots  text[]   the CRM snapshot of its last read
--             most       integer  no more rows of the log than these are looked at
-- Returns     provider text, changes bigint, oldest timestamptz, is_more boolean (there are more than were looked at)
select p.provider, count(distinct (c.cause, c.key)) filter (where c.cause is not null) as changes, min(c.changed_at) as oldest,
       count(c.cause) >= %(most)s as is_more
from unnest(%(providers)s::text[], %(snapshots)s::text[]) as p (provider, snapshot)
left join lateral (
    select cause, key, changed_at from crm.change_log
    where xid >= pg_snapshot_xmin(p.snapshot::pg_snapshot) and pg_visible_in_snapshot(xid, pg_current_snapshot()) and not pg_visible_in_snapshot(xid, p.snapshot::pg_snapshot)
    order by xid limit %(most)s
) c on true
group by p.provider
