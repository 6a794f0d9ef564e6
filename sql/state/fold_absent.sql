-- A refusal of somebody who is not wanted any more is history, not an exception.
with looked_at as (
    select subject from crm_sync.scope_subject where run_id = %(run_id)s
    union all
    select subject from crm_sync.holding where %(everyone)s and provider = %(provider)s and state = 'absent'
), unwanted as materialized (
    -- Nearly nobody, and found before the ledger is asked, in which this run may have written as many.
    select subject from looked_at
    where subject not in (select d.subject from crm_sync.desired d where d.run_id = %(run_id)s and d.wanted)
)
delete from crm_sync.holding h using unwanted u
where h.provider = %(provider)s and h.subject = u.subject and h.state = 'absent' and h.unanswered_verb is null
