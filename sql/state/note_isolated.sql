-- What the run says of records whose own calls fail: how many, and why.
update crm_sync.run r
set notice = concat_ws('; ', r.notice, said.text)
from (
    select format('%s records are tried again later, for their own calls fail: %s', sum(records), string_agg(format('%s (%s)', reason, records), ', ' order by records desc, reason)) as text
    from (
        select reason, count(distinct coalesce(subject, list_id::text)) as records from crm_sync.not_applied
        where run_id = %(run_id)s and status = 'deferred' and isolated
        group by reason
    ) counted
    having count(*) > 0
) said
where r.run_id = %(run_id)s and said.text is not null and position(said.text in coalesce(r.notice, '')) = 0
