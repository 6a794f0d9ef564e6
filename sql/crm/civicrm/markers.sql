-- What the pipeline leaves in the CRM of each read: nothing, for it only reads there.

-- name: may_leave_marker () -> may
-- Whether the pipeline may leave a marker of its reads.
--
-- Parameters  none
-- Returns     may boolean
select 0 as may;
