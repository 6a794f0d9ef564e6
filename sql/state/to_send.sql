-- How many operations one phase still has to send, those that ride on its calls with them. By verb first, which the index knows.
select count(*) from crm_sync.operation
where run_id = %(run_id)s and verb = any (%(verbs)s::text[] || %(carried)s::text[]) and coalesce(rides_on, verb) = any (%(verbs)s::text[])
  and status in ('pending', 'sent') and ticket is null
