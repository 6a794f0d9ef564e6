-- The last thing the provider accepted about each subscriber, and of each of their lists: a run that was planned anew may have taken out
-- whom it had put in. Nearly everybody has one planned row, and no outcome but that it was done.
with run as materialized (
    select provider, folded_to from crm_sync.run where run_id = %(run_id)s
), missed as materialized (
    select o.operation_id, bool_or(o.lists is null) as verb_missed, coalesce(array_agg(l) filter (where l is not null), '{}') as lists
    from run join crm_sync.outcome o on o.run_id = %(run_id)s and o.operation_id > run.folded_to and o.status <> 'applied'
    left join lateral unnest(o.lists) as l on true
    group by o.operation_id
), said as materialized (
    select t.operation_id, t.remote_id, null::text as remark
    from run join crm_sync.call c on c.run_id = %(run_id)s and c.remote_ids is not null and c.last_id > run.folded_to
    cross join lateral unnest(c.operation_ids, c.remote_ids) as t (operation_id, remote_id)
    where t.remote_id <> ''
    union all
    select o.operation_id, o.remote_id, o.reason
    from run join crm_sync.outcome o on o.run_id = %(run_id)s and o.operation_id > run.folded_to and o.status = 'applied' and o.lists is null
), done as materialized (
    select p.operation_id, p.subject, p.address,
           case when p.reason is null and m.verb_missed is not true then p.verb end as verb,
           case when m.lists is null then p.joins else array(select l from unnest(p.joins) as l where l <> all (m.lists)) end as joins,
           case when m.lists is null then p.leaves else array(select l from unnest(p.leaves) as l where l <> all (m.lists)) end as leaves
    from run
    join crm_sync.planned_operation p on p.run_id = %(run_id)s and p.operation_id > run.folded_to and p.subject is not null
    left join missed m using (operation_id)
), several as materialized (
    select subject from done group by subject having count(*) > 1
), last_verb as (
    select distinct on (subject) subject, operation_id, address, verb from done
    where verb is not null and subject in (select subject from several) order by subject, operation_id desc
), last_lists as (
    select subject, coalesce(array_agg(list_id order by list_id) filter (where is_in), '{}') as joins, coalesce(array_agg(list_id) filter (where not is_in), '{}') as leaves
    from (
        select distinct on (subject, list_id) subject, list_id, is_in
        from (
            select subject, operation_id, unnest(joins) as list_id, true as is_in from done where subject in (select subject from several)
            union all
            select subject, operation_id, unnest(leaves), false from done where subject in (select subject from several)
        ) asked
        order by subject, list_id, operation_id desc
    ) last
    group by subject
), people as materialized (
    select subject, operation_id, address, verb, joins, leaves from done where subject not in (select subject from several)
    union all
    select subject, v.operation_id, v.address, v.verb, coalesce(l.joins, '{}'), coalesce(l.leaves, '{}') from last_verb v full join last_lists l using (subject)
), memberships as (
    update crm_sync.holding h
    set lists = case when h.lists = '{}' then p.joins
                     else array(select l from unnest(h.lists || p.joins) as l where l <> all (p.leaves) group by l order by l) end,
        unanswered_lists = array(select l from unnest(h.unanswered_lists) as l where l <> all (p.joins || p.leaves)),
        reason = case when h.state = 'active' or h.reason = 'deferred' or h.tries > 0 then null else h.reason end,
        retry_at = null, tries = 0, run_id = %(run_id)s
    from people p
    where h.provider = (select provider from run) and h.subject = p.subject and p.verb is null and (p.joins <> '{}' or p.leaves <> '{}')
)
insert into crm_sync.holding as h (provider, subject, contact_id, contact_ids, address, remote_id, payload_hash, lists, unanswered_lists, state, fields, remark, run_id, named)
select run.provider, p.subject, d.contact_id, coalesce(d.contact_ids, '{}'),
       -- Who has another address there than in the CRM was asked about by it.
       case when lower(btrim(p.address)) <> p.subject then p.address else coalesce(d.address, p.address, p.subject) end, s.remote_id, d.payload_hash,
       -- For who is held already: what to take out of the lists.
       p.joins, p.leaves,
       case p.verb when 'suppress' then 'suppressed' when 'archive' then 'archived' else 'active' end,
       case when %(keeps_record)s then d.fields end, s.remark, %(run_id)s,
       case when e.contact_id is not null then concat(btrim(e.first_name), btrim(e.last_name), btrim(e.organization_name)) <> '' end
from run
join people p on p.verb is not null
left join said s on s.operation_id = p.operation_id
left join crm_sync.desired d on d.run_id = %(run_id)s and d.subject = p.subject
left join crm_sync.extracted e on e.run_id = %(run_id)s and e.contact_id = d.contact_id
on conflict (provider, subject) do update
    set contact_id = coalesce(excluded.contact_id, h.contact_id),
        contact_ids = case when excluded.contact_id is null then h.contact_ids else excluded.contact_ids end,
        address = case when excluded.state = 'active' then excluded.address else h.address end,
        payload_hash = case when excluded.state = 'active' then excluded.payload_hash else h.payload_hash end,
        named = case when excluded.state = 'active' then excluded.named else h.named end,
        fields = coalesce(excluded.fields, h.fields), remark = excluded.remark,
        remote_id = coalesce(excluded.remote_id, h.remote_id),
        lists = case when h.lists = '{}' then excluded.lists when excluded.lists = '{}' and excluded.unanswered_lists = '{}' then h.lists
                     else array(select l from unnest(h.lists || excluded.lists) as l where l <> all (excluded.unanswered_lists) group by l order by l) end,
        unanswered_lists = case when h.unanswered_lists = '{}' then '{}'
                     else array(select l from unnest(h.unanswered_lists) as l where l <> all (excluded.lists || excluded.unanswered_lists)) end,
        state = excluded.state, managed = true, run_id = excluded.run_id,
        reason = null, refused_hash = null, refused_at = null, retry_at = null, tries = 0, unanswered_verb = null
