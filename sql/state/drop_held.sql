-- A plan that nobody is asked about is not kept: the one of the question is there to be looked at.
delete from crm_sync.operation o
where o.run_id = %(run_id)s and o.status = 'held' and not exists (select from crm_sync.question q where q.run_id = o.run_id)
