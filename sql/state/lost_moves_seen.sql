-- Moves of ours whose answer was lost, and who is there by the new address: the call had its effect. What was noted of the new address
-- makes room for the person.
with told as (
    select distinct on (remote_id) remote_id, address, lower(btrim(address)) as subject
    from (
        select remote_id, address from unnest(%(remote_ids)s::text[], %(addresses)s::text[]) as t (remote_id, address)
        union all
        -- Or all whom a full run read back.
        select remote_id, address from crm_sync.observed where %(read_back)s and run_id = %(run_id)s
    ) t
    where remote_id <> '' and address <> ''
)
delete from crm_sync.holding expected using told, crm_sync.holding mover
where expected.provider = %(provider)s and expected.subject = told.subject
  and expected.state = 'absent' and expected.unanswered_verb = 'change_address'
  and mover.provider = %(provider)s and mover.remote_id = told.remote_id
  and mover.unanswered_verb = 'change_address' and mover.subject <> told.subject
returning mover.subject as from_subject, told.subject, told.address
