-- The only thing of the CRM's own that the pipeline writes: Do Not Contact on memberships, for opt-outs at a
-- provider.

-- name: wait_for_locks (milliseconds) -> nothing
-- How long this transaction waits for a row that somebody else has locked, unless the CRM allows less.
--
-- Parameters  milliseconds  integer
select set_config('lock_timeout', %(milliseconds)s::integer::text, true)
from pg_settings
where name = 'lock_timeout' and (setting::integer = 0 or setting::integer > %(milliseconds)s);

-- name: set_do_not_contact (contact_ids, subscriber_keys) -> contact_id, list_id
-- Brings opt-outs made at a provider into the CRM: Do Not Contact on the memberships, in synchronized lists, of the
-- contacts for whom an address was held there, whatever their address is by now; and where none of them is known, or in
-- the CRM any more, of every contact who has the address now. Safe to repeat: what is set already is left alone and not
-- returned.
--
-- Parameters  contact_ids  bigint[]  a contact for whom the address was held; null where none is known
--             subscriber_keys     text[]    the address, trimmed and lower-cased, at the same place
-- Returns     contact_id bigint, list_id bigint: the memberships newly set
with held as (
    select * from unnest(%(contact_ids)s::bigint[], %(subscriber_keys)s::text[]) as held (contact_id, subscriber_key)
), of_nobody as (
    select subscriber_key from held left join crm.contact using (contact_id)
    group by subscriber_key having bool_and(contact.contact_id is null)
), concerned as (
    select contact_id from held
    union
    select email.contact_id from crm.email_address as email
    where email.is_primary and lower(btrim(email.address)) = any (array(select subscriber_key from of_nobody))
)
update crm.list_member as member
set do_not_contact = true
from crm.list as list
where member.contact_id = any (array(select contact_id from concerned))
  and list.list_id = member.list_id
  and list.sync_enabled
  and not member.do_not_contact
returning member.contact_id, member.list_id;

-- name: set_do_not_contact_in_list (contact_id, list_id) -> contact_id, list_id
-- Sets Do Not Contact on one membership: what set_do_not_contact does for all of a person's at once, where the CRM
-- refuses one of them. Safe to repeat.
--
-- Parameters  contact_id  bigint
--             list_id     bigint
-- Returns     contact_id bigint, list_id bigint: the membership, if it was newly set
update crm.list_member
set do_not_contact = true
where contact_id = %(contact_id)s and list_id = %(list_id)s and not do_not_contact
returning contact_id, list_id;
