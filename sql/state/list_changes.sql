-- Whether a synchronized list appeared, was renamed, went, or must be tried again, since the ledger was written.
select exists (
    select from (select * from crm_sync.extracted_list where run_id = %(run_id)s) e
    full join (select * from crm_sync.list_holding where provider = %(provider)s) h using (list_id)
    where h.list_id is null or (e.list_id is null and h.retry_at is null) or (e.list_id is not null and e.name is distinct from h.crm_name) or h.retry_at <= %(now)s
)
