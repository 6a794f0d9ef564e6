-- Who is in which list, for a peer: a row for each of them, list by list.
SELECT list.name AS list, email.address
FROM crm.list_member AS member
JOIN crm.list AS list USING (list_id)
JOIN crm.contact AS contact USING (contact_id)
JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
WHERE list.sync_enabled AND contact.kind = 'individual' AND NOT contact.do_not_contact AND NOT member.do_not_contact
ORDER BY list.list_id, contact.contact_id
