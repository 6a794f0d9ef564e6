-- What a run would ask for one contact: the pipeline's own statements, over a run that is never committed.

-- name: pretend_run (provider, do_not_contact_scope) -> run_id
-- A run of changes under a number that no run has.
insert into crm_sync.run (run_id, provider, airflow_run_id, mode, do_not_contact_scope) overriding system value
select -(2::bigint ^ 62)::bigint - n, %(provider)s, 'foresight__' || n, 'changes', %(do_not_contact_scope)s
from (select pg_current_xact_id()::text::bigint as n) number
returning run_id;

-- name: scope (run_id, provider, contact_id) -> subscriber_keys
-- As extract/scope_ledger_subscribers has it, of one contact: the subscribers of the ledger that it is behind.
with found as (
    insert into crm_sync.scope_subscriber (run_id, subscriber_key)
    select %(run_id)s::bigint, subscriber_key from crm_sync.holding
    where provider = %(provider)s and contact_id = %(contact_id)s::bigint
    union
    select %(run_id)s::bigint, subscriber_key from crm_sync.holding
    where provider = %(provider)s and cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]
    returning subscriber_key
), about as (
    insert into crm_sync.scope_contact (run_id, contact_id) values (%(run_id)s, %(contact_id)s)
)
select coalesce(array_agg(subscriber_key), '{}') as subscriber_keys from found;

-- name: carry_set_aside (run_id, provider) -> rows touched
-- What the last recorded run found in the data of contacts that are as it read them.
insert into crm_sync.set_aside (run_id, provider, contact_id, reason, holds_back)
select distinct %(run_id)s::bigint, s.provider, s.contact_id, s.reason, s.holds_back
from crm_sync.extracted e
join crm_sync.last_read l on l.provider = %(provider)s and l.contact_id = e.contact_id and l.row_hash = e.row_hash
join crm_sync.set_aside s on s.provider = %(provider)s and s.contact_id = e.contact_id and s.resolved_at is null
left join crm_sync.run r on r.run_id = s.run_id
where e.run_id = %(run_id)s and coalesce(r.state, '') not in ('failed', 'previewed');

-- name: read_anew (run_id, provider) -> contact_id
-- Contacts that are not as the last recorded run read them.
select e.contact_id from crm_sync.extracted e
where e.run_id = %(run_id)s
  and not exists (select from crm_sync.last_read l
                  where l.provider = %(provider)s and l.contact_id = e.contact_id and l.row_hash = e.row_hash);

-- name: findings (run_id, contact_id) -> reason, holds_back
-- What is wrong with the data of the contact.
select reason, bool_or(holds_back) as holds_back from crm_sync.set_aside
where run_id = %(run_id)s and contact_id = %(contact_id)s group by reason order by reason;

-- name: wanted (run_id, contact_id) -> subscriber_key, wanted, blocked, frozen, lists, contact_ids
-- What the CRM wants of the subscriber that the contact is, or is a part of.
select subscriber_key, wanted, blocked, frozen, lists, contact_ids from crm_sync.desired
where run_id = %(run_id)s and contact_ids @> array[%(contact_id)s::bigint];

-- name: active_there (run_id, provider) -> subscriber_key, lists
-- Who of the scope is held, by the ledger.
select h.subscriber_key, h.lists from crm_sync.scope_subscriber s
join crm_sync.holding h on h.provider = %(provider)s and h.subscriber_key = s.subscriber_key and h.state = 'active'
where s.run_id = %(run_id)s;

-- name: others (run_id, contact_id) -> subscriber_key
-- Subscribers that the CRM wants without the contact.
select subscriber_key from crm_sync.desired
where run_id = %(run_id)s and not contact_ids @> array[%(contact_id)s::bigint];

-- name: flags (run_id, contact_id) -> contact_id, do_not_contact, flagged_lists
-- Do Not Contact of the contact and of all who share its address, its own first.
select e.contact_id, e.do_not_contact, e.flagged_lists
from crm_sync.extracted e
join crm_sync.extracted own on own.run_id = e.run_id and own.contact_id = %(contact_id)s
    and own.subscriber_key = e.subscriber_key
where e.run_id = %(run_id)s and (e.do_not_contact or e.flagged_lists <> '{}')
order by e.contact_id <> %(contact_id)s, e.contact_id;

-- name: held_back (run_id, contact_ids) -> contact_id
-- Of those contacts, the ones whose opt-out the CRM does not have.
select c.contact_id from unnest(%(contact_ids)s::bigint[]) as c (contact_id)
join crm_sync.run r on r.run_id = %(run_id)s and r.held_back ? c.contact_id::text;

-- name: lists_there (provider, run_id, by_record) -> list_id
-- Lists that the provider has, or, where records make them, that the CRM has.
select list_id from crm_sync.list_holding where provider = %(provider)s and remote_id is not null
union
select list_id from crm_sync.extracted_list where run_id = %(run_id)s and %(by_record)s;

-- name: own_row (run_id, contact_id) -> subscriber_key
-- Of the contact as the CRM has it: as whom it is read, if it can be held at all.
select subscriber_key from crm_sync.extracted where run_id = %(run_id)s and contact_id = %(contact_id)s;

-- name: excluded_lists (run_id) -> list_id
-- Lists of the CRM that the settings exclude.
select list_id from crm_sync.extracted_list where run_id = %(run_id)s and excluded;
