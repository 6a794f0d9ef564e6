-- Who is sent, for a peer: people with an address who belong to a synchronized list, with when the CRM last saved them.
SELECT contact.contact_id, email.address, contact.first_name, contact.last_name, contact.updated_at
FROM crm.contact
JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
WHERE contact.kind = 'individual'
  AND NOT contact.do_not_contact
  AND contact.updated_at > :since
  AND EXISTS (SELECT FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
              WHERE member.contact_id = contact.contact_id AND list.sync_enabled)
ORDER BY contact.contact_id
