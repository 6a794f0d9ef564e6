-- The kept counts of each provider; a list by its name.
select c.provider, c.kind, c.what, c.people, coalesce(l.crm_name, l.name) as list_name
from crm_sync.held_count c
left join crm_sync.list_holding l on l.provider = c.provider and l.list_id = case c.kind when 'list' then c.what::bigint end
where c.provider = any (%(providers)s::text[]) and c.people > 0
order by c.provider, c.kind, list_name, c.people desc, c.what
