-- How many people the demo CRM holds; none: it has not been filled yet.
SELECT count(*) FROM crm.contact;
