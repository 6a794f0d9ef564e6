-- The contacts concerned by a transaction that is visible to this read and was not to the last one: a transaction that
-- began before the last read and committed after it is neither lost nor read twice. Run it in the REPEATABLE READ
-- transaction of snapshot.sql. The first condition only lets the index skip what both have seen.
--
-- Parameters  last_snapshot  text   column snapshot of the last read
-- Returns     contact_id     bigint each once; some may be deleted by now
SELECT DISTINCT contact_id
FROM crm.change_log
WHERE xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot)
  AND pg_visible_in_snapshot(xid, pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(xid, %(last_snapshot)s::pg_snapshot)
