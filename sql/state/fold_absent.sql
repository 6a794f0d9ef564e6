-- A refusal of somebody who is not wanted any more is history, not an exception.
with looked_at as (
    select subject from crm_sync.scope_subject where run_id = %(run_id)s
    union all
    select subject from crm_sync.holding where %(everyone)s and provider = %(provider)s and state = 'absent'
)
delete from crm_sync.holding h using looked_at s
where h.provider = %(provider)s and h.subject = s.subject and h.state = 'absent' and h.unanswered_verb is null
  and not exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = h.subject and d.wanted)
