-- Keeps the change log short.

-- name: prune_change_log (before, crm_identity) -> rows touched
-- Deletes old rows of the change log, and notes how far, so that a cursor left behind is noticed
-- (crm/extract/cursor_is_usable) instead of missing changes. A transaction id that lies ahead is one from before the
-- CRM was restored from a dump, and says nothing of this life.
--
-- Parameters  before        timestamptz   rows of transactions begun earlier go
--             crm_identity  text          of the CRM, by crm/extract/snapshot
--
-- The oldest rows are found by the index, ten thousand a run, and none where even the first is to stay.
with oldest as materialized (
    (select ctid, changed_at from crm.change_log order by xid
     limit (select case when first.changed_at < %(before)s::timestamptz then 10000 else 0 end
            from (select changed_at from crm.change_log order by xid limit 1) as first))
    union all
    select ctid, changed_at from crm.change_log where xid >= pg_snapshot_xmax(pg_current_snapshot())
), pruned as (
    delete from crm.change_log
    where ctid = any (array(select ctid from oldest where changed_at < %(before)s::timestamptz))
    returning xid
)
insert into crm.change_log_horizon as horizon (pruned_xid, crm_identity)
select max(xid), %(crm_identity)s from pruned where xid < pg_snapshot_xmax(pg_current_snapshot()) having count(*) > 0
on conflict (only_row) do update set pruned_xid = excluded.pruned_xid, crm_identity = excluded.crm_identity
where excluded.crm_identity <> horizon.crm_identity or excluded.pruned_xid > horizon.pruned_xid;
