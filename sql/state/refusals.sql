-- How many operations of an ended run the provider answered, how many of them it refused, and the three main reasons.
select coalesce(sum(operations) filter (where status in ('applied', 'refused')), 0)::bigint as answered,
       coalesce(sum(operations) filter (where status = 'refused'), 0)::bigint as refused,
       (
           select string_agg(format('%s (%s)', reason, times), ', ' order by times desc, reason) from (
               select coalesce(reason, 'no reason') as reason, sum(operations) as times from crm_sync.run_tally
               where run_id = %(run_id)s and status = 'refused' group by 1 order by 2 desc, 1 limit 3
           ) most
       ) as reasons
from crm_sync.run_tally where run_id = %(run_id)s
