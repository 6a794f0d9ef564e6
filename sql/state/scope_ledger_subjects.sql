-- Subscribers of the ledger behind whom a contact of the scope stands, and those to be tried again.
insert into crm_sync.scope_subject (run_id, subject)
select %(run_id)s, h.subject from crm_sync.holding h
join crm_sync.scope_contact c on c.run_id = %(run_id)s and c.contact_id = h.contact_id
where h.provider = %(provider)s
union
select %(run_id)s, h.subject from crm_sync.holding h
where h.provider = %(provider)s and cardinality(h.contact_ids) > 1
  and h.contact_ids && (select coalesce(array_agg(contact_id), '{}') from crm_sync.scope_contact where run_id = %(run_id)s)
union
select %(run_id)s, h.subject from crm_sync.holding h where h.provider = %(provider)s and h.retry_at <= %(now)s
on conflict do nothing
