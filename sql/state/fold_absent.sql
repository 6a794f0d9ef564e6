-- A refusal of somebody who is not wanted any more is history, not an exception.
delete from crm_sync.holding h
where h.provider = %(provider)s and h.state = 'absent' and h.unanswered_verb is null
  and (%(everyone)s or h.subject in (select subject from crm_sync.scope_subject where run_id = %(run_id)s))
  and not exists (select from crm_sync.desired d where d.run_id = %(run_id)s and d.subject = h.subject and d.wanted)
