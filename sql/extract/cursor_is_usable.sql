-- Whether changes since a cursor can be told; if not, the run must compare everyone. False when
--   the CRM's transaction ids started again (restored from a dump): the cursor lies ahead of the present;
--   the change log was pruned of rows the cursor had not seen;
--   this is a replica, whose snapshots do not name the transactions still open on the primary.
-- A changed crm_identity (snapshot.sql) also voids the cursor; the caller compares it.
--
-- Parameters  last_snapshot  text     column snapshot of the last read
--             crm_identity   text     of the CRM now
-- Returns one row
--   usable                   boolean
SELECT pg_snapshot_xmax(%(last_snapshot)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
   AND NOT EXISTS (SELECT FROM crm.change_log_horizon AS horizon
                   WHERE horizon.crm_identity = %(crm_identity)s
                     AND horizon.pruned_xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot))
   AND NOT pg_is_in_recovery() AS usable
