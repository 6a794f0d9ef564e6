-- The move was made, though its answer was lost: the person is held by the new address.
update crm_sync.holding h set subject = moved.subject, address = moved.address
from unnest(%(from_subjects)s::text[], %(subjects)s::text[], %(addresses)s::text[]) as moved (from_subject, subject, address)
where h.provider = %(provider)s and h.subject = moved.from_subject
