-- What the CRM wants (the lists of all who share an address; Do Not Contact of any of them wins) against what the ledger holds.
insert into work
with wanted as (
    select subscriber_key, min(contact_id) as contact_id, count(*) as sharing, bool_or(do_not_contact or flagged_lists <> '{}') as refuses
    from stage where subscriber_key is not null group by subscriber_key
), desired as (
    select w.subscriber_key, w.contact_id, w.refuses, btrim(s.address) as address,
           json_build_object('FNAME', coalesce(s.first_name, ''), 'LNAME', coalesce(s.last_name, ''))::text as fields,
           case when w.sharing = 1 then s.lists
                else (select array_agg(distinct l order by l) from stage x, unnest(x.lists) as l where x.subscriber_key = w.subscriber_key) end as lists
    from wanted w join stage s on s.contact_id = w.contact_id
), compared as (
    select coalesce(d.subscriber_key, l.subscriber_key) as subscriber_key, coalesce(d.contact_id, l.contact_id) as contact_id, coalesce(d.address, l.address) as address, d.fields,
           md5(d.address || '|' || d.fields) as payload_hash, l.payload_hash as held_hash, d.subscriber_key is null or d.refuses as goes, l.subscriber_key is null as is_new,
           case when d.subscriber_key is null or d.refuses then '{}' else d.lists end as lists, coalesce(l.lists, '{}') as held
    from desired d full join ledger l using (subscriber_key)
)
select subscriber_key, contact_id, address, fields, payload_hash,
       case when goes then 'archive' when is_new then 'create' when payload_hash is distinct from held_hash then 'update' else 'lists' end,
       lists, case when held = '{}' then lists else array(select unnest(lists) except select unnest(held)) end,
       case when held = '{}' then '{}' else array(select unnest(held) except select unnest(lists)) end
from compared
where not (is_new and goes) and (goes or is_new or payload_hash is distinct from held_hash or lists <> held)
