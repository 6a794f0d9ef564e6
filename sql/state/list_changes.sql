-- Whether a synchronized list appeared, was renamed, or went, since the ledger was written.
select exists (
    select from (select * from crm_sync.extracted_list where run_id = %(run_id)s) e
    full join (select * from crm_sync.list_holding where provider = %(provider)s) h using (list_id)
    where h.list_id is null or e.list_id is null
       or (h.remote_id is null and coalesce(h.retry_at, '-infinity') <= %(now)s)
       or (e.name is distinct from h.name and e.name is distinct from h.refused_name and e.name is distinct from h.wanted_name)
       or (h.remote_id is null and h.refused_name is distinct from e.name)
)
