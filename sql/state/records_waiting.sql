-- Subscribers and lists whose own calls fail: how many, and why.
select coalesce(sum(records), 0)::bigint as many, string_agg(format('%s (%s)', reason, records), ', ' order by records desc, reason) as reasons
from (
    select coalesce(reason, 'no reason') as reason, count(*) as records
    from (
        select reason from crm_sync.holding where provider = %(provider)s and tries > 0
        union all
        select reason from crm_sync.list_holding where provider = %(provider)s and tries > 0
    ) waiting
    group by 1
) counted
