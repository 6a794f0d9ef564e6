-- Subscribers that the run looked at and had nothing to ask about: nothing is left to retry, and who stands behind them is noted.
with untouched as (
    select d.subject, d.contact_id, d.contact_ids, d.payload_hash, d.wanted as is_wanted
    from crm_sync.desired d
    where d.run_id = %(run_id)s and not exists (
        select from crm_sync.planned_operation p join crm_sync.run r using (run_id)
        where p.run_id = %(run_id)s and p.subject = d.subject and p.operation_id > r.folded_to)
    union all
    select s.subject, null, null, null, false
    from crm_sync.scope_subject s
    where s.run_id = %(run_id)s
      and not exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = s.subject)
      and not exists (
        select from crm_sync.planned_operation p join crm_sync.run r using (run_id)
        where p.run_id = %(run_id)s and p.subject = s.subject and p.operation_id > r.folded_to)
)
update crm_sync.holding h
set contact_id = coalesce(u.contact_id, h.contact_id),
    contact_ids = coalesce(u.contact_ids, h.contact_ids),
    reason = case when h.reason = 'deferred' or h.tries > 0 or (h.state = 'active' and u.payload_hash = h.payload_hash) then null else h.reason end,
    retry_at = case when h.retry_at > coalesce((select extracted_at from crm_sync.run where run_id = %(run_id)s), now()) and u.is_wanted then h.retry_at end,
    tries = 0
from untouched u
where h.provider = %(provider)s and h.subject = u.subject
  and (h.contact_ids is distinct from u.contact_ids or h.contact_id is distinct from u.contact_id or h.reason is not null or h.retry_at is not null)
