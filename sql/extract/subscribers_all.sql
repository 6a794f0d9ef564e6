-- All contacts for the e-mail providers: those in at least one synchronized list, and those with Do Not Contact who share
-- an address with one of them (contacts with one address are one subscriber there, and Do Not Contact of either wins).
--
-- Parameters  none
-- Returns one row per contact, the same columns as subscribers_some.sql
--   contact_id         bigint    the key
--   kind               text      individual | organization
--   first_name         text      as written, may be null
--   last_name          text      as written, may be null
--   organization_name  text      as written, may be null
--   address            text      the primary address as written; null if none
--   subject            text      the address trimmed and lower-cased, by which subscribers are told apart; null if blank
--   do_not_contact     boolean   the contact's own flag
--   lists              bigint[]  the synchronized lists the contact is in, sorted; {} if none
--   flagged_lists      bigint[]  those of them whose membership has Do Not Contact, sorted; {} if none
--
-- Runs inside COPY (...) TO STDOUT, hence no semicolon at the end.
WITH membership AS (
    SELECT contact_id,
           array_agg(list_id ORDER BY list_id) AS lists,
           array_agg(list_id ORDER BY list_id) FILTER (WHERE member.do_not_contact) AS flagged_lists
    FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
    WHERE sync_enabled
    GROUP BY contact_id
),
sharing AS (
    SELECT contact.contact_id
    FROM crm.contact
    JOIN crm.email_address AS own ON own.contact_id = contact.contact_id AND own.is_primary
    JOIN crm.email_address AS other ON lower(btrim(other.address)) = lower(btrim(own.address)) AND other.is_primary
    WHERE contact.do_not_contact
      AND btrim(own.address) <> ''
      AND EXISTS (SELECT FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
                  WHERE member.contact_id = other.contact_id AND list.sync_enabled)
),
wanted AS (
    SELECT contact_id, lists, flagged_lists FROM membership
    UNION ALL
    SELECT DISTINCT contact_id, '{}'::bigint[], '{}'::bigint[] FROM sharing
    WHERE NOT EXISTS (SELECT FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
                      WHERE member.contact_id = sharing.contact_id AND list.sync_enabled)
)
SELECT contact.contact_id,
       contact.kind,
       contact.first_name,
       contact.last_name,
       contact.organization_name,
       email.address,
       nullif(lower(btrim(email.address)), '') AS subject,
       contact.do_not_contact,
       wanted.lists,
       coalesce(wanted.flagged_lists, '{}') AS flagged_lists
FROM wanted
JOIN crm.contact ON contact.contact_id = wanted.contact_id
LEFT JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
