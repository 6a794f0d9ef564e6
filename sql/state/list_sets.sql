-- How many people of the run change the same set of lists, by how: with the call that enrolls them, or by one of its own.
select kind, lists, count(*) as people
from (
    select case when carried <> '{}' and verb in ('create', 'update', 'enable') then 'enroll' else 'add' end as kind, joins::text as lists
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and joins <> '{}' and (not joins && carried or verb in ('create', 'update', 'enable'))
    union all
    select 'remove', leaves::text
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and leaves <> '{}' and not leaves && carried
) people
group by kind, lists
order by kind, lists
