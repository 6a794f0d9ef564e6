-- How many operations one phase has to send, those that ride on its calls with them, as planned.
select coalesce(sum(case when p.verb = any (%(verbs)s::text[]) and p.reason is null then 1 + case when p.carried = '{}' then 0 else cardinality(p.carried) end else 0 end), 0)
     + coalesce(sum(case when 'add_to_list' = any (%(verbs)s::text[]) then cardinality(p.joins) + cardinality(p.leaves) - cardinality(p.carried) else 0 end), 0)
from crm_sync.planned_operation p join crm_sync.run r using (run_id)
where p.run_id = %(run_id)s and p.operation_id > r.folded_to
