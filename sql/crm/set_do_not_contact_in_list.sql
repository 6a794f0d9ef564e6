-- Sets Do Not Contact on one membership: what set_do_not_contact.sql does for all of a person's at once, where the CRM
-- refuses one of them. Safe to repeat.
--
-- Parameters  contact_id  bigint
--             list_id     bigint
-- Returns     contact_id bigint, list_id bigint: the membership, if it was newly set
UPDATE crm.list_member
SET do_not_contact = true
WHERE contact_id = %(contact_id)s AND list_id = %(list_id)s AND NOT do_not_contact
RETURNING contact_id, list_id
