-- A list that is not there cannot travel with the call that enrolls its people: whoever joins it waits for a call of its own, and is refused
-- with the list where that was refused.
with missing as materialized (
    select p.operation_id, array_agg(l) as lists
    from crm_sync.planned_operation p
    join crm_sync.run r on r.run_id = %(run_id)s
    cross join lateral unnest(p.joins) as l
    where p.run_id = %(run_id)s and p.operation_id > r.folded_to and p.carried <> '{}' and l = any (p.carried)
      and not exists (
        select from crm_sync.list_holding h where h.provider = %(provider)s and h.list_id = l and h.remote_id is not null)
    group by p.operation_id
)
update crm_sync.planned_operation p set carried = array(select l from unnest(p.carried) as l where l <> all (m.lists))
from missing m where p.operation_id = m.operation_id
