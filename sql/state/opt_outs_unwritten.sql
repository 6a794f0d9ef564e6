-- Opt-outs of a provider that the CRM does not take: of how many people, and why.
select coalesce(sum(people), 0)::bigint as many, string_agg(format('%s (%s)', reason, people), ', ' order by people desc, reason) as reasons
from (
    select reason, count(*) as people
    from (select distinct on (contact_id) contact_id, reason from crm_sync.unwritten_opt_out where provider = %(provider)s order by 1, 2) of_people
    group by reason
) counted
