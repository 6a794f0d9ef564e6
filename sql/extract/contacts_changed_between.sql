-- The contacts changed in an interval of time, for a backfill. By the time a transaction began, so approximate at both
-- ends: the regular runs do not use it.
--
-- Parameters  since, until  timestamptz   the interval, without its end
-- Returns     contact_id    bigint        each once; some may be deleted by now
SELECT DISTINCT contact_id
FROM crm.change_log
WHERE changed_at >= %(since)s::timestamptz
  AND changed_at < %(until)s::timestamptz
