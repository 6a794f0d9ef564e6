-- One row for each subscriber of the run's scope: what the CRM wants (desired), what the ledger holds (held), and whether it moves. Whoever is
-- plainly held as wanted, nearly everybody where all are compared, is left out, unless all is sent again.
with chosen as materialized (
    -- Addresses that people chose for themselves there; nobody else can have them.
    select h.subject as of_subject, d.subject
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and lower(btrim(h.address)) = d.subject and lower(btrim(h.address)) <> h.subject
    where d.run_id = %(run_id)s and h.state <> 'absent'
), moved as materialized (
    select distinct on (d.subject) d.subject as to_subject, h.subject as from_subject, h.lists, h.unanswered_lists, h.address
    from crm_sync.desired d
    join crm_sync.holding h on h.provider = %(provider)s and h.contact_id = d.contact_id and h.subject <> d.subject
    where d.run_id = %(run_id)s and h.state = 'active' and d.wanted and not d.frozen
      and not exists (select from crm_sync.desired x where x.run_id = d.run_id and x.subject = h.subject and x.wanted)
      and not exists (select from crm_sync.holding n where n.provider = h.provider and n.subject = d.subject and n.state <> 'absent')
      and not exists (select from crm_sync.opt_out o where o.provider = h.provider and o.subject = h.subject and o.lifted_at is null
                      and (o.contact_ids is null or o.contact_ids && h.contact_ids))
      and not exists (select from crm_sync.opt_out o where o.provider = h.provider and o.subject = d.subject and o.lifted_at is null
                      and (o.contact_ids is null or o.contact_ids && h.contact_ids))
      and not exists (select from chosen c where c.subject = d.subject and c.of_subject <> h.subject)
    order by d.subject, h.subject
), leaving as (select from_subject as subject from moved),
refusing as materialized (
    -- Do Not Contact of whoever has no address any more: they are nobody's subscriber, and held under the old one.
    select e.contact_id from crm_sync.extracted e join crm_sync.run r using (run_id)
    where e.run_id = %(run_id)s and e.subject is null
      and (e.do_not_contact or (e.flagged_lists <> '{}' and (r.do_not_contact_scope <> 'list' or e.flagged_lists @> e.lists)))
),
scope as (
    select subject from crm_sync.desired where run_id = %(run_id)s
    union select subject from crm_sync.scope_subject where run_id = %(run_id)s
    union select subject from crm_sync.holding where provider = %(provider)s and %(everyone)s
)
select s.subject, coalesce(d.contact_id, h.contact_id) as contact_id,
       d.subject is not null as is_desired, coalesce(d.wanted, false) as is_wanted, coalesce(d.blocked, false) as is_blocked, coalesce(d.frozen, false) as is_frozen, coalesce(d.is_organization, false) as is_organization,
       d.address, d.payload_hash, coalesce(d.lists, '{}')::text as lists,
       -- Where an answer was lost, the ledger is read so that the plan asks again: for whatever is wanted, and against whatever is not.
       case when h.unanswered_verb is null or h.state in ('opted_out', 'cleaned', 'pending') then coalesce(h.state, '')
            when not t.is_wanted then 'active'
            when h.unanswered_verb = 'suppress' then 'suppressed'
            else h.state end as held_state,
       h.address as held_address, coalesce(h.state <> 'absent' and lower(btrim(h.address)) <> h.subject, false) as keeps_address, case when h.unanswered_verb is null then h.payload_hash end as held_hash,
       case when h.unanswered_lists <> '{}' then array(
                select l from unnest(h.lists || h.unanswered_lists) as l where l <> all (h.unanswered_lists) or l <> all (t.lists) group by l order by l)
            else coalesce(h.lists, '{}') end::text as held_lists,
       coalesce(h.managed or h.unanswered_verb is not null, true) as is_managed, h.refused_hash, coalesce(h.retry_at <= %(now)s, true) as may_retry,
       coalesce(h.reason = any (%(rests)s::text[]) and h.retry_at > %(now)s, false) as rests,
       -- An address that somebody else chose there is taken.
       coalesce(o.reason, case when c.subject is not null and coalesce(h.state, 'absent') = 'absent' then 'address_taken' end) as closed_reason,
       m.from_subject as moves_from, m.address as moves_from_address,
       case when m.unanswered_lists <> '{}' then array(
                select l from unnest(m.lists || m.unanswered_lists) as l where l <> all (m.unanswered_lists) or l <> all (t.lists) group by l order by l)
            else m.lists end::text as moved_lists,
       l.subject is not null as is_leaving,
       exists (select from crm_sync.desired b where b.run_id = %(run_id)s and b.contact_id = h.contact_id and b.blocked)
           or h.contact_id in (select contact_id from refusing) as owner_is_blocked
from scope s
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = s.subject
left join crm_sync.holding h on h.provider = %(provider)s and h.subject = s.subject
left join crm_sync.opt_out o on o.provider = %(provider)s and o.subject = s.subject and o.lifted_at is null
    and (o.contact_ids is null or o.contact_ids && coalesce(d.contact_ids, h.contact_ids))
cross join lateral (
    select coalesce(d.wanted, false) and o.subject is null as is_wanted, case when d.wanted and o.subject is null then d.lists else '{}' end as lists
) t
left join moved m on m.to_subject = s.subject
left join leaving l on l.subject = s.subject
left join chosen c on c.subject = s.subject and c.of_subject is distinct from m.from_subject
where %(resend)s
   or not coalesce(d.wanted and not d.frozen and h.state = 'active' and h.payload_hash = d.payload_hash and h.lists = d.lists
                   and h.unanswered_verb is null and h.unanswered_lists = '{}'
                   and o.subject is null and m.to_subject is null and l.subject is null and c.subject is null, false)
