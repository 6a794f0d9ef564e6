-- An outcome for each person, and the ledger as it is by now.
with exceptions as (
    select key as subscriber_key, value as reason from call, jsonb_each_text(coalesce(exceptions, '{}')) where run_id = 1
), outcomes as (
    insert into outcome
    select 1, w.subscriber_key, w.verb, w.joins, w.leaves, case when e.subscriber_key is null then 'applied' else 'refused' end, e.reason
    from work w left join exceptions e using (subscriber_key)
)
insert into ledger as l
select w.subscriber_key, w.contact_id, w.address, w.payload_hash, w.lists,
       case when e.subscriber_key is not null then 'absent' when w.verb = 'archive' then 'archived' else 'active' end, 1
from work w left join exceptions e using (subscriber_key)
on conflict (subscriber_key) do update
    set contact_id = excluded.contact_id, address = excluded.address, payload_hash = excluded.payload_hash, lists = excluded.lists,
        state = excluded.state, run_id = excluded.run_id
