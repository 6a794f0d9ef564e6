-- People who changed their address there, and whose address of the CRM somebody else has there now; and whoever is archived under an address
-- that the CRM has of somebody else. They are known by the address they are there by from now on.
with chose as materialized (
    select h.subject, lower(btrim(h.address)) as there
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and h.subject = d.subject
    where d.run_id = %(run_id)s and h.state <> 'absent' and lower(btrim(h.address)) <> h.subject and not d.contact_ids && h.contact_ids
    union
    select h.subject, lower(btrim(h.address))
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and lower(btrim(h.address)) = d.subject and lower(btrim(h.address)) <> h.subject
    where d.run_id = %(run_id)s and d.wanted and h.state = 'archived'
      and not exists (select from crm_sync.desired o where o.run_id = %(run_id)s and o.subject = h.subject and o.wanted)
)
select c.subject, c.there from chose c
where not exists (select from crm_sync.holding n where n.provider = %(provider)s and n.subject = c.there and n.state <> 'absent')
