-- Brings opt-outs made at a provider into the CRM: Do Not Contact on the memberships, in synchronized lists, of the
-- contacts for whom an address was held there, whatever their address is by now; and where none of them is known, or in
-- the CRM any more, of every contact who has the address now. Safe to repeat: what is set already is left alone and not
-- returned.
--
-- Parameters  contact_ids  bigint[]  a contact for whom the address was held; null where none is known
--             subjects     text[]    the address, trimmed and lower-cased, at the same place
-- Returns     contact_id bigint, list_id bigint: the memberships newly set
WITH held AS (
    SELECT * FROM unnest(%(contact_ids)s::bigint[], %(subjects)s::text[]) AS held (contact_id, subject)
), of_nobody AS (
    SELECT subject FROM held LEFT JOIN crm.contact USING (contact_id)
    GROUP BY subject HAVING bool_and(contact.contact_id IS NULL)
), concerned AS (
    SELECT contact_id FROM held
    UNION
    SELECT email.contact_id FROM crm.email_address AS email
    WHERE email.is_primary AND lower(btrim(email.address)) = ANY (ARRAY(SELECT subject FROM of_nobody))
)
UPDATE crm.list_member AS member
SET do_not_contact = true
FROM crm.list AS list
WHERE member.contact_id = ANY (ARRAY(SELECT contact_id FROM concerned))
  AND list.list_id = member.list_id
  AND list.sync_enabled
  AND NOT member.do_not_contact
RETURNING member.contact_id, member.list_id
