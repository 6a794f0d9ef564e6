-- Old history goes by the retention setting; holdings, opt-outs and standing set-aside rows are the present and stay.
with old as (
    select run_id from crm_sync.run
    where provider = %(provider)s and run_id <> %(run_id)s and opened_at < %(before)s and state not in ('open', 'planned')
      and run_id not in (select run_id from crm_sync.question where provider = %(provider)s and status in ('open', 'approved'))
), operations as (delete from crm_sync.planned_operation where run_id in (select run_id from old)),
     calls as (delete from crm_sync.call where run_id in (select run_id from old)),
     outcomes as (delete from crm_sync.outcome where run_id in (select run_id from old)),
     rows_set_aside as (
         delete from crm_sync.set_aside
         where (run_id in (select run_id from old) and resolved_at is not null) or (run_id < 0 and provider = %(provider)s and resolved_at < %(before)s)
     )
delete from crm_sync.run where run_id in (select run_id from old)
