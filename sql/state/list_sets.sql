-- How many people of the run change the same set of lists, by how: with the call that enrolls them, or by one of its own.
select kind, lists, count(*) as people
from (
    select subject, kind, array_agg(list_id order by list_id)::text as lists
    from (
        select subject, list_id, case when rides_on is not null then 'enroll' when verb = 'add_to_list' then 'add' else 'remove' end as kind
        from crm_sync.operation
        where run_id = %(run_id)s and status = 'pending' and verb in ('add_to_list', 'remove_from_list')
          and (rides_on is null or (verb = 'add_to_list' and rides_on in ('create', 'update', 'enable')))
    ) memberships
    group by subject, kind
) people
group by kind, lists
order by kind, lists
