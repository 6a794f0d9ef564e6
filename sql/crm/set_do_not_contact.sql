-- Brings opt-outs made at a provider into the CRM: Do Not Contact on the memberships, in synchronized lists, of every
-- contact with one of the addresses. Safe to repeat: what is set already is left alone and not returned.
--
-- Parameters  addresses  text[]   trimmed, lower-cased
-- Returns     contact_id bigint, list_id bigint: the memberships newly set
UPDATE crm.list_member AS member
SET do_not_contact = true
FROM crm.email_address AS email, crm.list AS list
WHERE email.contact_id = member.contact_id
  AND email.is_primary
  AND lower(btrim(email.address)) = ANY (%(addresses)s::text[])
  AND list.list_id = member.list_id
  AND list.sync_enabled
  AND NOT member.do_not_contact
RETURNING member.contact_id, member.list_id
