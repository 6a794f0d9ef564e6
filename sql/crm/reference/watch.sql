-- What the watcher asks the CRM every few seconds, for providers whose runs a change starts.

-- name: changed_since (last_snapshot) -> snapshot, is_changed
-- Whether the change log has noted anything that an earlier look, or the last read, did not see. Works through a
-- transaction pooler, and locks nothing.
--
-- Parameters  last_snapshot  text     column snapshot of the earlier look; null: there was none
-- Returns one row
--   snapshot                 text     the transactions visible to this look
--   is_changed               boolean  false without an earlier look
select pg_current_snapshot()::text as snapshot,
       exists (select from crm.change_log
               where xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot)
                 and pg_visible_in_snapshot(xid, pg_current_snapshot())
                 and not pg_visible_in_snapshot(xid, %(last_snapshot)s::pg_snapshot)) as is_changed;
