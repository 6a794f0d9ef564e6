-- What was decided, or why nobody has to decide any more. The operations of its plan say so, too: they were never sent.
with planned as (
    update crm_sync.outcome o set reason = %(status)s, settled_at = now()
    from crm_sync.question q
    where q.question_id = %(question_id)s and o.run_id = q.run_id and o.status = 'held'
)
update crm_sync.question set status = %(status)s, answered_by = coalesce(%(who)s, answered_by), ended_at = now()
where question_id = %(question_id)s
