-- A few people of synchronized lists, the same ones each time: the demo's audience has met them before.
SELECT DISTINCT contact_id, email.address
FROM crm.contact
JOIN crm.email_address AS email USING (contact_id)
JOIN crm.list_member USING (contact_id)
JOIN crm.list USING (list_id)
WHERE email.is_primary AND contact.kind = 'individual' AND sync_enabled AND email.address ~ '^[a-z0-9.]+@example\.org$'
ORDER BY contact_id
LIMIT 6
