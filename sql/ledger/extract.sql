-- The stage extract: whom to read in the CRM, and what was read.

-- name: clear (run_id) -> rows touched
with contacts as (delete from crm_sync.scope_contact where run_id = %(run_id)s),
     subscriber_keys as (delete from crm_sync.scope_subscriber where run_id = %(run_id)s),
     lists as (delete from crm_sync.extracted_list where run_id = %(run_id)s)
delete from crm_sync.extracted where run_id = %(run_id)s;

-- name: intend_marker (provider, run_id) -> token
-- A marker that the CRM is going to have; made up here, so that it is known here first.
insert into crm_sync.marker (provider, run_id) values (%(provider)s, %(run_id)s) returning token::text;

-- name: heed_doubts (provider, now) -> rows touched
-- What a load that was followed by a later run did after all: asked again, as if its answers had been lost. now: by the
-- clock of this run, which looks a moment later for whom it must try again.
with heard as (
    delete from crm_sync.doubt where provider = %(provider)s returning *
), lists as (
    update crm_sync.list_holding l set name = null, retry_at = %(now)s from heard
    where heard.subscriber_key is null and l.provider = heard.provider and l.list_id = heard.list_id
), people as (
    select provider, subscriber_key, max(contact_id) as contact_id, max(address) as address, max(verb) as verb,
           coalesce(array_agg(distinct list_id order by list_id) filter (where list_id is not null), '{}') as lists
    from (
        select provider, subscriber_key, contact_id, address, case when list_id is null then verb end as verb, list_id
        from heard where subscriber_key is not null
        union all
        select provider, from_subscriber_key, contact_id, address, verb, null from heard
            where from_subscriber_key is not null
    ) each
    group by provider, subscriber_key
)
insert into crm_sync.holding as h (provider, subscriber_key, contact_id, address, state, unanswered_verb,
    unanswered_lists, retry_at)
select provider, subscriber_key, contact_id, coalesce(address, subscriber_key), 'absent', verb, lists, %(now)s
    from people
on conflict (provider, subscriber_key) do update
    set unanswered_verb = coalesce(excluded.unanswered_verb, h.unanswered_verb),
        unanswered_lists = array(select distinct unnest(h.unanswered_lists || excluded.unanswered_lists) order by 1),
        retry_at = %(now)s;

-- name: installation () -> state_id
-- This state database, by a name that it makes up once: markers in a CRM that several serve are told apart by it.
with made as (insert into crm_sync.installation default values on conflict (only_row) do nothing returning state_id)
select state_id::text from made union all select state_id::text from crm_sync.installation limit 1;

-- name: unknown_markers (tokens) -> token
-- Markers of the CRM that no run known here was about to leave.
select there.token::text from unnest(%(tokens)s::uuid[]) as there (token)
where not exists (select from crm_sync.marker m where m.token = there.token);

-- name: offer_room (provider, run_id, now, reasons) -> rows touched
-- A list that is not wanted any more makes room there: lists that were refused for want of it are due, and everyone who
-- was refused with them.
with leaving as (
    select from crm_sync.list_holding h
    where h.provider = %(provider)s and h.remote_id is not null
      and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id)
    limit 1
), waiting as (
    update crm_sync.list_holding h set retry_at = %(now)s
    where h.provider = %(provider)s and h.remote_id is null and h.reason = any (%(reasons)s::text[])
      and exists (select from leaving)
    returning h.list_id
)
update crm_sync.holding h set retry_at = %(now)s
where h.provider = %(provider)s and h.reason = 'list_refused' and exists (select from waiting);

-- name: memberships_held_back () -> contact_id, list_ids
-- Contacts, and memberships, whose opt-out the CRM does not have yet are closed at every provider.
select contact_id, array_agg(distinct list_id order by list_id) as list_ids from crm_sync.unwritten_opt_out
group by contact_id;

-- name: note_held_back (held_back, run_id) -> rows touched
update crm_sync.run set held_back = %(held_back)s::jsonb where run_id = %(run_id)s;

-- name: held_back_anew (run_id, provider) -> contact_id
-- Contacts who are held back otherwise than by the last recorded run.
select coalesce(now.contact_id, before.contact_id)::bigint as contact_id
from (select h.* from crm_sync.run r cross join lateral jsonb_each(coalesce(r.held_back, '{}')) as h (contact_id, lists)
      where r.run_id = %(run_id)s) as now
full join (select h.* from crm_sync.cursor c
           cross join lateral jsonb_each(coalesce(c.held_back, '{}')) as h (contact_id, lists)
           where c.provider = %(provider)s) as before using (contact_id)
where now.lists is distinct from before.lists;

-- name: compare_instead (run_id) -> rows touched
update crm_sync.run set mode = 'compare' where run_id = %(run_id)s;

-- name: begin_compare () -> nothing
-- What a comparison sees of each contact; gone with its transaction.
create temporary table seen (contact_id bigint not null, row_hash uuid not null) on commit drop;

-- name: compare_reads (provider) -> contact_id
-- Contacts that are not as they were last read: changed, new, or gone.
select coalesce(s.contact_id, l.contact_id) as contact_id
from pg_temp.seen s
full join (select contact_id, row_hash from crm_sync.last_read where provider = %(provider)s) l using (contact_id)
where s.row_hash is distinct from l.row_hash;

-- name: held_unseen (provider) -> contact_id
-- Contacts whom the ledger holds and who are in no list any more: what else is said of them is compared, too.
select distinct c.contact_id
from crm_sync.holding h cross join unnest(h.contact_ids) as c (contact_id)
where h.provider = %(provider)s and h.state = 'active'
  and not exists (select from pg_temp.seen s where s.contact_id = c.contact_id);

-- name: seen_digest () -> digest
-- All that was seen, in one value: another digest means another CRM. The order of the rows does not matter.
select concat_ws('/', count(*), sum(('x' || left(md5(contact_id || row_hash::text), 15))::bit(60)::bigint)) as digest
from pg_temp.seen;

-- name: may_rest_on (provider, crm_identity, fingerprint, minutes, now) -> digest
-- The last comparison of a CRM that keeps no change log, if none is due yet: it is recorded under the same rules, and
-- not as long ago as the settings say or, where they do not, as ten times what it took. One of a few seconds is made
-- in each run.
--
-- Parameters  minutes  double precision  between two comparisons; null: by what the last one took
select l.digest
from crm_sync.crm_look l join crm_sync.cursor c on c.provider = l.provider and c.snapshot = l.digest
where l.provider = %(provider)s and c.is_whole
  and c.crm_identity = %(crm_identity)s and c.fingerprint = %(fingerprint)s
  and %(now)s < l.looked_at + coalesce(%(minutes)s::double precision * interval '1 minute',
                                       case when l.seconds > 6 then 10 * l.seconds else 0 end * interval '1 second');

-- name: note_look (provider, digest, seconds, now) -> rows touched
insert into crm_sync.crm_look (provider, digest, looked_at, seconds)
values (%(provider)s, %(digest)s, %(now)s, %(seconds)s)
on conflict (provider) do update
    set digest = excluded.digest, looked_at = excluded.looked_at, seconds = excluded.seconds;

-- name: compared_alike (since, log_installed, run_id, seen_run_id) -> boolean
-- Whether a run that compares everybody would do what an earlier one did, as far as it rests on the same and that was
-- not long ago.
select seen.mode in ('full', 'compare') and seen.extracted_at > %(since)s and seen.log_installed = %(log_installed)s
   and (seen.crm_identity, seen.account, seen.fingerprint, seen.do_not_contact_scope)
       is not distinct from (this.crm_identity, this.account, this.fingerprint, this.do_not_contact_scope)
from crm_sync.run this, crm_sync.run seen
where this.run_id = %(run_id)s and seen.run_id = %(seen_run_id)s;

-- name: news_since_held (run_id, seen_run_id, provider, now) -> boolean
-- Whether the lists are others than the last held run saw, others are held back for an opt-out, or somebody is to be
-- tried again who was not due then.
select exists (
    select from (select list_id, name, kind from crm_sync.extracted_list where run_id = %(run_id)s) here
    full join (select list_id, name, kind from crm_sync.extracted_list where run_id = %(seen_run_id)s) seen
        using (list_id)
    where here.name is distinct from seen.name or here.kind is distinct from seen.kind
) or exists (
    select from crm_sync.holding h join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where h.provider = %(provider)s and h.retry_at <= %(now)s and h.retry_at > seen.extracted_at
) or exists (
    select from crm_sync.list_holding l join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where l.provider = %(provider)s and l.retry_at <= %(now)s and l.retry_at > seen.extracted_at
) or exists (
    select from crm_sync.run here join crm_sync.run seen on seen.run_id = %(seen_run_id)s
    where here.run_id = %(run_id)s and coalesce(here.held_back, '{}') <> coalesce(seen.held_back, '{}')
);

-- name: contacts_to_retry (provider, now) -> contact_id
select distinct unnest(contact_ids) as contact_id from crm_sync.holding
where provider = %(provider)s and retry_at <= %(now)s;

-- name: subscribers_to_retry (provider, now) -> subscriber_key
select subscriber_key from crm_sync.holding where provider = %(provider)s and retry_at <= %(now)s;

-- name: list_changes (run_id, provider, now) -> boolean
-- Whether a synchronized list appeared, was renamed, went, or must be tried again, since the ledger was written.
select exists (
    select from (select * from crm_sync.extracted_list where run_id = %(run_id)s) e
    full join (select * from crm_sync.list_holding where provider = %(provider)s) h using (list_id)
    where not coalesce(e.excluded, h.excluded)
      and (h.list_id is null or (e.list_id is null and h.retry_at is null)
           or (e.list_id is not null and e.name is distinct from h.crm_name) or h.retry_at <= %(now)s)
);

-- name: contacts_waiting (provider, reasons) -> contact_id
-- Who was refused for what another person has, and may have it once that one changes.
select distinct unnest(contact_ids) as contact_id from crm_sync.holding
where provider = %(provider)s and reason = any (%(reasons)s::text[]);

-- name: scope_contacts (run_id, contact_ids) -> rows touched
insert into crm_sync.scope_contact (run_id, contact_id)
select distinct %(run_id)s::bigint, unnest(%(contact_ids)s::bigint[])
on conflict do nothing;

-- name: analyze_scope () -> nothing
-- Whom a large run is about was written a moment ago.
analyze crm_sync.scope_contact (run_id, contact_id);

-- name: scope_ledger_subscribers (run_id, provider, now) -> rows touched
-- Subscribers of the ledger behind whom a contact of the scope stands, and those to be tried again.
insert into crm_sync.scope_subscriber (run_id, subscriber_key)
select %(run_id)s, h.subscriber_key from crm_sync.holding h
join crm_sync.scope_contact c on c.run_id = %(run_id)s and c.contact_id = h.contact_id
where h.provider = %(provider)s
union
select %(run_id)s, h.subscriber_key from crm_sync.holding h
where h.provider = %(provider)s and cardinality(h.contact_ids) > 1
  and h.contact_ids && (select coalesce(array_agg(contact_id), '{}') from crm_sync.scope_contact
                        where run_id = %(run_id)s)
union
select %(run_id)s, h.subscriber_key from crm_sync.holding h where h.provider = %(provider)s and h.retry_at <= %(now)s
on conflict do nothing;

-- name: scope (run_id) -> contact_ids, subscriber_keys
select (select array_agg(contact_id) from crm_sync.scope_contact where run_id = %(run_id)s) as contact_ids,
       (select array_agg(subscriber_key) from crm_sync.scope_subscriber where run_id = %(run_id)s) as subscriber_keys;

-- name: unseen (run_id) -> rows touched
-- Contacts that are asked for by id and that a full run would not read: the next comparison expects as much.
update crm_sync.extracted e set row_hash = null
where e.run_id = %(run_id)s and not exists (select from pg_temp.seen s where s.contact_id = e.contact_id);

-- name: held_unread (provider, run_id) -> contact_id
-- Contacts whom the ledger holds and a read of everybody in a list did not find.
select distinct c.contact_id
from crm_sync.holding h
cross join unnest(h.contact_ids) as c (contact_id)
where h.provider = %(provider)s and h.state = 'active'
  and not exists (select from crm_sync.extracted e where e.run_id = %(run_id)s and e.contact_id = c.contact_id);

-- name: drop_read_twice (run_id) -> rows touched
-- Contacts who were read with everybody, and again with one who shares their address.
delete from crm_sync.extracted e
where e.run_id = %(run_id)s and e.row_hash is null
  and exists (select from crm_sync.extracted first
              where first.run_id = e.run_id and first.contact_id = e.contact_id and first.row_hash is not null);

-- name: hold_back (run_id) -> rows touched
-- Read as though the CRM had the opt-out.
update crm_sync.extracted e
set flagged_lists = array(
    select l from unnest(e.lists) as l
    where l = any (e.flagged_lists) or h.lists = 'null' or h.lists @> to_jsonb(l) order by l)
from crm_sync.run r cross join lateral jsonb_each(r.held_back) as h (contact_id, lists)
where r.run_id = %(run_id)s and e.run_id = r.run_id and e.contact_id = h.contact_id::bigint;

-- name: exclude_lists (run_id, list_ids) -> rows touched
-- Lists that the settings exclude.
update crm_sync.extracted_list set excluded = true where run_id = %(run_id)s and list_id = any (%(list_ids)s::bigint[]);

-- name: includes_again (provider, run_id) -> boolean
-- Whether a list is synchronized that the settings excluded until now: who left it meanwhile nobody has looked at.
select exists (
    select from crm_sync.list_holding h
    join crm_sync.extracted_list e on e.run_id = %(run_id)s and e.list_id = h.list_id
    where h.provider = %(provider)s and h.excluded and not e.excluded
);

-- name: exclude_ended (provider, list_ids) -> rows touched
-- Lists that the settings exclude, and that the CRM no longer has.
update crm_sync.list_holding set excluded = true
where provider = %(provider)s and list_id = any (%(list_ids)s::bigint[]) and not excluded;

-- name: lists_of_ledger (provider) -> list_id, name, kind
-- The lists that the ledger knows, as the CRM called them; of what kind they were it does not know.
select list_id, crm_name as name, '' as kind from crm_sync.list_holding where provider = %(provider)s;

-- name: drop_lists (run_id, list_ids) -> rows touched
-- The same where they are to be deleted at the provider: as if they were not in the CRM.
delete from crm_sync.extracted_list where run_id = %(run_id)s and list_id = any (%(list_ids)s::bigint[]);

-- name: note_outside_pilot (lists, provider, domains, run_id) -> rows touched
-- Contacts that are, and were, in none of the pilot's lists, or whose address is in none of its domains. null: not a
-- condition.
update crm_sync.extracted e
set outside_pilot = true
where e.run_id = %(run_id)s
  and (not e.lists && %(lists)s::bigint[]
       and not exists (select from crm_sync.holding h
                       where h.provider = %(provider)s and h.subscriber_key = e.subscriber_key
                         and h.state = 'active' and h.lists && %(lists)s::bigint[])
       or lower(btrim(split_part(coalesce(e.address, ''), '@', 2))) <> all (%(domains)s::text[]));

-- name: leave_out_lists (deletes, list_ids, provider, run_id) -> rows touched
-- Memberships of excluded lists, except those that the ledger has: a list that is not deleted stays as it is there,
-- and so does everyone who is in it.
update crm_sync.extracted e
set lists = array(select l from unnest(e.lists) as l where l <> all (%(list_ids)s::bigint[]) or l = any (h.lists)
                  order by l),
    list_memberships = case when e.list_memberships is not null then (
        select coalesce(jsonb_agg(m order by (m ->> 'list_id')::bigint), '[]')
        from jsonb_array_elements(e.list_memberships) as m
        where (m ->> 'list_id')::bigint <> all (%(list_ids)s::bigint[])
           or (m ->> 'list_id')::bigint = any (h.lists)) end
from crm_sync.extracted x
cross join lateral (
    select coalesce(array_agg(l), '{}') as lists
    from crm_sync.holding held cross join unnest(held.lists) as l
    where held.provider = %(provider)s and not %(deletes)s and held.state = 'active'
      and held.subscriber_key in (
          select x.subscriber_key union all
          select moved.subscriber_key from crm_sync.holding moved
          where moved.provider = %(provider)s and moved.contact_id = x.contact_id)
) h
where e.run_id = %(run_id)s and not e.outside_pilot and e.lists && %(list_ids)s::bigint[]
  and x.run_id = e.run_id and x.contact_id = e.contact_id;

-- name: hold_forgotten (run_id, is_dry) -> rows touched
-- Opt-outs that the CRM does not show (any more), since the row that had them went and came back: read as though it
-- showed them, and written to it again. They follow the contact for whom the address was held, whatever address that
-- contact has by now.
with refusing as materialized (
    select provider, subscriber_key, remote_id, contact_ids from crm_sync.opt_out
    where lifted_at is null and reason = 'unsubscribed'
), open_again as materialized (
    select contact_id, lower(btrim(address)) as key from crm_sync.extracted
    where run_id = %(run_id)s and not do_not_contact and not lists <@ flagged_lists
), forgotten as (
    select r.provider, r.subscriber_key, o.contact_id from refusing r join open_again o on o.key = r.subscriber_key
    where r.contact_ids is null
    union
    select r.provider, r.subscriber_key, o.contact_id
    from refusing r cross join unnest(r.contact_ids) as who (contact_id) join open_again o using (contact_id)
    union
    select r.provider, r.subscriber_key, o.contact_id
    from refusing r
    join crm_sync.holding h on h.provider = r.provider and h.subscriber_key = r.subscriber_key
    cross join unnest(h.contact_ids) as who (contact_id) join open_again o on o.contact_id = who.contact_id
    where r.contact_ids is null
      and not exists (select from crm_sync.holding i where i.provider = r.provider and i.remote_id = r.remote_id)
    union
    select r.provider, r.subscriber_key, o.contact_id
    from refusing r
    join crm_sync.holding h on h.provider = r.provider and h.remote_id = r.remote_id
    cross join unnest(h.contact_ids) as who (contact_id) join open_again o on o.contact_id = who.contact_id
), again as (
    update crm_sync.opt_out o set crm_written_at = null from forgotten f
    where o.provider = f.provider and o.subscriber_key = f.subscriber_key and o.crm_written_at is not null
      and not %(is_dry)s
)
update crm_sync.extracted e set flagged_lists = lists
where e.run_id = %(run_id)s and e.contact_id in (select contact_id from forgotten);

-- name: note_read (marker, provider, markers) -> rows touched
-- The last read, unless it is of an older image of the CRM than the one before: that is forgotten when a run has
-- compared everybody.
update crm_sync.cursor set read_marker = %(marker)s
where provider = %(provider)s and (read_marker is null or read_marker::text = any (%(markers)s::text[]));

-- name: run_extracted (snapshot, marker, log_installed, everyone, run_id) -> rows touched
update crm_sync.run
set snapshot = %(snapshot)s, marker = %(marker)s, log_installed = %(log_installed)s, extracted_at = now(),
    everyone = %(everyone)s
where run_id = %(run_id)s;

-- name: scope_extracted_subscribers (run_id) -> rows touched
insert into crm_sync.scope_subscriber (run_id, subscriber_key)
select distinct run_id, subscriber_key from crm_sync.extracted where run_id = %(run_id)s and subscriber_key is not null
on conflict do nothing;
