-- Some contacts for the e-mail providers, in a list or not, together with all who share an address with one of them:
-- contacts with one address are one subscriber there. Those in no list and without Do Not Contact come too, unlike in
-- subscribers_all.sql; so that both agree, they must not decide what the subscriber is called.
--
-- Parameters  contact_ids  bigint[]  these contacts, and all who have the same subject as one of them;
--             subjects     text[]    and all whose subject is one of these (for a contact deleted from the CRM)
-- Returns one row per contact, the same columns as subscribers_all.sql
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
-- Runs inside COPY (...) TO STDOUT, hence no semicolon at the end. The ids go through arrays and LATERAL, so that every
-- table is read by its index, however large it is; ask in batches.
WITH wanted AS (
    SELECT unnest(%(contact_ids)s::bigint[]) AS contact_id
    UNION
    SELECT email.contact_id
    FROM crm.email_address AS email
    WHERE email.is_primary
      AND lower(btrim(email.address)) = ANY (ARRAY(
          SELECT unnest(%(subjects)s::text[])
          UNION
          SELECT lower(btrim(own.address)) FROM crm.email_address AS own
          WHERE own.is_primary AND own.contact_id = ANY (%(contact_ids)s::bigint[])
      ))
      AND btrim(email.address) <> ''
)
SELECT contact.contact_id,
       contact.kind,
       contact.first_name,
       contact.last_name,
       contact.organization_name,
       email.address,
       nullif(lower(btrim(email.address)), '') AS subject,
       contact.do_not_contact,
       coalesce(membership.lists, '{}') AS lists,
       coalesce(membership.flagged_lists, '{}') AS flagged_lists
FROM crm.contact
LEFT JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
CROSS JOIN LATERAL (
    SELECT array_agg(member.list_id ORDER BY member.list_id) AS lists,
           array_agg(member.list_id ORDER BY member.list_id) FILTER (WHERE member.do_not_contact) AS flagged_lists
    FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
    WHERE member.contact_id = contact.contact_id AND list.sync_enabled
) AS membership
WHERE contact.contact_id = ANY (ARRAY(SELECT contact_id FROM wanted))
