-- The brake was pulled: nothing of the plan is sent but, where their number allows, Do Not Contact and the memberships that go with it.
insert into crm_sync.outcome (run_id, operation_id, verb, lists, status, reason)
select o.run_id, o.operation_id, o.verb, case when not o.is_own then array_agg(o.list_id) end, 'held', 'awaits_approval'
from crm_sync.part o
where o.run_id = %(run_id)s and o.settled is null
  and not (%(sends_suppressions)s and (o.verb = 'suppress'
           or (o.verb = 'remove_from_list' and crm_sync.goes_with_do_not_contact(o.run_id, o.provider, o.subject, o.list_id))))
group by o.run_id, o.operation_id, o.verb, o.is_own
