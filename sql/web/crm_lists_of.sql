-- Every list and committee that a contact is in, synchronized or not. Runs in the CRM; an association with another CRM adapts it.
--
-- Parameters  contact_id     bigint
-- Returns     list_id bigint, name text, sync_enabled boolean, do_not_contact boolean (of the membership)
select l.list_id, l.name, l.sync_enabled, m.do_not_contact
from crm.list_member m join crm.list l using (list_id)
where m.contact_id = %(contact_id)s
order by l.name
