-- Contacts behind an address or a number in the ledger: finds those that the CRM has deleted.
select distinct contact_id, address from (
    select unnest(case when cardinality(contact_ids) > 0 then contact_ids else array[contact_id] end) as contact_id, address
    from crm_sync.holding
    where provider = any (%(providers)s::text[])
      and (subject = %(subject)s::text or contact_id = %(contact_id)s::bigint)
) found
where contact_id is not null
limit 25
