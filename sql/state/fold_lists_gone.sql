-- A list that was deleted, by the plan or by hand there, is nobody's list any more. Deleted by hand: a row says so until it is made
-- anew, and its people, and those who would have joined it, are read again.
with gone as (
    select list_id, bool_or(verb <> 'delete_list') as by_hand
    from (
        select p.list_id, p.verb from crm_sync.planned_operation p join crm_sync.unfolded o using (run_id, operation_id)
        where p.run_id = %(run_id)s and p.list_id is not null and p.verb = 'delete_list' and o.status = 'applied'
        union all
        select list_id, verb from crm_sync.not_applied where run_id = %(run_id)s and status = 'refused' and reason = 'list_gone'
    ) each
    group by list_id
), missed as (
    select distinct subject from crm_sync.not_applied
    where run_id = %(run_id)s and provider = %(provider)s and verb = 'add_to_list' and status = 'refused' and reason = 'list_gone'
), forgotten as (
    delete from crm_sync.list_holding l using gone g where l.provider = %(provider)s and l.list_id = g.list_id and not g.by_hand
), missing as (
    update crm_sync.list_holding l set remote_id = null, name = null, reason = 'list_gone', retry_at = now()
    from gone g where l.provider = %(provider)s and l.list_id = g.list_id and g.by_hand
)
update crm_sync.holding h
set lists = (select coalesce(array_agg(l order by l), '{}') from unnest(h.lists) as l where l not in (select list_id from gone)),
    retry_at = case when h.subject in (select subject from missed)
                      or (select bool_or(g.by_hand and g.list_id = any (h.lists)) from gone g) then now() else h.retry_at end
where h.provider = %(provider)s and exists (select from gone)
  and (h.lists && (select array_agg(list_id) from gone) or h.subject in (select subject from missed))
