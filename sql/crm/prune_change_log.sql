-- Deletes old rows of the change log, and notes how far, so that a cursor left behind is noticed
-- (sql/extract/cursor_is_usable.sql) instead of missing changes.
--
-- Parameters  before  timestamptz   rows of transactions begun earlier go
WITH pruned AS (
    DELETE FROM crm.change_log WHERE changed_at < %(before)s::timestamptz RETURNING xid
)
INSERT INTO crm.change_log_horizon AS horizon (pruned_xid)
SELECT max(xid) FROM pruned HAVING count(*) > 0
ON CONFLICT (only_row) DO UPDATE SET pruned_xid = excluded.pruned_xid WHERE excluded.pruned_xid > horizon.pruned_xid
