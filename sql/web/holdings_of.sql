-- What each provider holds of a contact: under its present address, by its id, or together with others.
select provider, subject, contact_id, address, state, lists, reason, remark, refused_at, retry_at, unanswered_verb is not null as is_unanswered
from crm_sync.holding
where provider = any (%(providers)s::text[])
  and (subject = %(subject)s::text or subject = %(contact_id)s::bigint::text or contact_id = %(contact_id)s::bigint
       or (cardinality(contact_ids) > 1 and contact_ids @> array[%(contact_id)s::bigint]))
order by provider, state = 'active' desc, subject
