UPDATE crm.contact SET do_not_contact = true WHERE contact_id = :contact_id
