-- Whether the lists are others than the last held run saw, others are held back for an opt-out, or somebody is to be tried again who was
-- not due then.
select exists (
    select from (select list_id, name, kind from crm_sync.extracted_list where run_id = %(run_id)s) here
    full join (select list_id, name, kind from crm_sync.extracted_list where run_id = %(seen_run_id)s) seen using (list_id)
    where here.name is distinct from seen.name or here.kind is distinct from seen.kind
) or exists (
    select from crm_sync.holding h join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where h.provider = %(provider)s and h.retry_at <= %(now)s and h.retry_at > seen.extracted_at
) or exists (
    select from crm_sync.list_holding l join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where l.provider = %(provider)s and l.retry_at <= %(now)s and l.retry_at > seen.extracted_at
) or exists (
    select from crm_sync.run here join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where here.run_id = %(run_id)s and coalesce(here.held_back, '{}') <> coalesce(seen.held_back, '{}')
)
