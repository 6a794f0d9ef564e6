-- Contacts, and their memberships, that the CRM could not be told are closed: at every provider.
select contact_id, array_agg(distinct list_id order by list_id) as list_ids from crm_sync.unwritten_opt_out group by contact_id
