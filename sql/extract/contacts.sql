-- The contacts for the e-mail providers, either everyone or some with all who share their addresses: contacts with one
-- address are one subscriber there, so they are always read together.
--
-- Parameters  everyone     boolean   true: the contacts in a synchronized list, and those with Do Not Contact who share
--                                    an address with one of them; the other parameters do not matter
--             contact_ids  bigint[]  everyone false: these contacts, in a list or not, and all who share their address;
--             subjects     text[]    and all whose subject is one of these
-- Returns one row per contact
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
-- Runs inside COPY (...) TO STDOUT, hence no semicolon at the end. The parameter everyone is known when the query is
-- planned, so the branches of the other mode cost nothing.
WITH membership AS (
    SELECT contact_id,
           array_agg(list_id ORDER BY list_id) AS lists,
           array_agg(list_id ORDER BY list_id) FILTER (WHERE member.do_not_contact) AS flagged_lists
    FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
    WHERE sync_enabled
    GROUP BY contact_id
),
wanted AS (
    SELECT contact_id FROM membership WHERE %(everyone)s::boolean
    UNION
    SELECT shared.contact_id
    FROM crm.contact
    JOIN crm.email_address AS shared ON shared.contact_id = contact.contact_id AND shared.is_primary
    WHERE %(everyone)s::boolean
      AND contact.do_not_contact
      AND btrim(shared.address) <> ''
      AND EXISTS (SELECT FROM crm.email_address AS other
                  JOIN crm.list_member AS member ON member.contact_id = other.contact_id
                  JOIN crm.list AS list ON list.list_id = member.list_id AND list.sync_enabled
                  WHERE other.is_primary AND lower(btrim(other.address)) = lower(btrim(shared.address)))
    UNION
    SELECT contact_id FROM crm.contact
    WHERE NOT %(everyone)s::boolean AND contact_id = ANY (%(contact_ids)s::bigint[])
    UNION
    SELECT contact_id FROM crm.email_address
    WHERE NOT %(everyone)s::boolean AND is_primary AND lower(btrim(address)) = ANY (%(subjects)s::text[])
    UNION
    SELECT shared.contact_id
    FROM crm.email_address AS own
    JOIN crm.email_address AS shared ON lower(btrim(shared.address)) = lower(btrim(own.address)) AND shared.is_primary
    WHERE NOT %(everyone)s::boolean
      AND own.contact_id = ANY (%(contact_ids)s::bigint[])
      AND own.is_primary
      AND btrim(own.address) <> ''
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
FROM wanted
JOIN crm.contact ON contact.contact_id = wanted.contact_id
LEFT JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
LEFT JOIN membership ON membership.contact_id = contact.contact_id
