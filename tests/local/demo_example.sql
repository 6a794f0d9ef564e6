-- Somebody who is subscribed and in several lists, to try a change on.
SELECT contact_id
FROM crm_sync.holding
WHERE provider = 'mailchimp' AND state = 'active' AND cardinality(contact_ids) = 1
ORDER BY cardinality(lists) DESC, contact_id
LIMIT 1;
