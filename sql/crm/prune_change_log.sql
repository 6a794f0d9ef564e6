-- Deletes old rows of the change log, and notes how far, so that a cursor left behind is noticed
-- (sql/extract/cursor_is_usable.sql) instead of missing changes. A transaction id that lies ahead is one from before the
-- CRM was restored from a dump, and says nothing of this life.
--
-- Parameters  before        timestamptz   rows of transactions begun earlier go
--             crm_identity  text          of the CRM, by sql/extract/snapshot.sql
WITH pruned AS (
    DELETE FROM crm.change_log WHERE changed_at < %(before)s::timestamptz RETURNING xid
)
INSERT INTO crm.change_log_horizon AS horizon (pruned_xid, crm_identity)
SELECT max(xid), %(crm_identity)s FROM pruned WHERE xid < pg_snapshot_xmax(pg_current_snapshot()) HAVING count(*) > 0
ON CONFLICT (only_row) DO UPDATE SET pruned_xid = excluded.pruned_xid, crm_identity = excluded.crm_identity
WHERE excluded.crm_identity <> horizon.crm_identity OR excluded.pruned_xid > horizon.pruned_xid
