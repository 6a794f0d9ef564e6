-- The contacts concerned by what the change log has noted: since the last read, or, for a backfill, in an interval of time.
-- Run it in the REPEATABLE READ transaction of snapshot.sql: whom a cause concerns is found as this read sees the CRM.
--
-- Since the last read: by a transaction that is visible to this read and was not to the last one, so that one that began
-- before the last read and committed after it is neither lost nor read twice. The first of these conditions only lets the
-- index skip what both have seen. An interval goes by the time a transaction began, so it is approximate at both ends.
--
-- Parameters  last_snapshot  text         column snapshot of the last read; null: whatever the last read saw
--             since, until   timestamptz  the interval, without its end; null: no bound
-- Returns     contact_id     bigint       each once; some may be deleted by now; null where everybody may be concerned
--
-- OFFSET 0 keeps the planner from joining: each table is read by its index, key by key, however large it is.
WITH noted AS MATERIALIZED (
    SELECT DISTINCT cause, key
    FROM crm.change_log
    WHERE (%(last_snapshot)s::text IS NULL
           OR (xid >= pg_snapshot_xmin(%(last_snapshot)s::pg_snapshot)
               AND pg_visible_in_snapshot(xid, pg_current_snapshot())
               AND NOT pg_visible_in_snapshot(xid, %(last_snapshot)s::pg_snapshot)))
      AND (%(since)s::timestamptz IS NULL OR changed_at >= %(since)s::timestamptz)
      AND (%(until)s::timestamptz IS NULL OR changed_at < %(until)s::timestamptz)
), holder AS MATERIALIZED (
    SELECT key AS contact_id FROM noted WHERE cause = 'contact'
    UNION
    SELECT held.contact_id FROM noted
    CROSS JOIN LATERAL (SELECT contact_id FROM crm.membership WHERE membership_type_id = noted.key OFFSET 0) AS held
    WHERE noted.cause = 'type'
)
SELECT contact_id FROM holder
UNION
SELECT related.individual_id FROM holder
CROSS JOIN LATERAL (SELECT individual_id FROM crm.relationship WHERE organization_id = holder.contact_id OFFSET 0) AS related
UNION
SELECT member.contact_id FROM noted
CROSS JOIN LATERAL (SELECT contact_id FROM crm.list_member WHERE list_id = noted.key OFFSET 0) AS member
WHERE noted.cause = 'list'
UNION
SELECT sharing.contact_id FROM noted
CROSS JOIN LATERAL (SELECT contact_id FROM crm.email_address
                    WHERE is_primary AND hashtextextended(lower(btrim(address)), 0) = noted.key OFFSET 0) AS sharing
WHERE noted.cause = 'address'
UNION
SELECT key FROM noted WHERE cause = 'everything'
