-- The contacts changed in an interval of time, for a backfill. By the time a transaction began, so approximate at both
-- ends: the regular runs do not use it. Whom a cause concerns is found as in changed_contacts.sql.
--
-- Parameters  since, until  timestamptz   the interval, without its end
-- Returns     contact_id    bigint        each once; some may be deleted by now; null where everybody may be concerned
WITH noted AS MATERIALIZED (
    SELECT DISTINCT cause, key
    FROM crm.change_log
    WHERE changed_at >= %(since)s::timestamptz
      AND changed_at < %(until)s::timestamptz
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
