-- The brake was pulled: nothing of the plan is sent but, where their number allows, Do Not Contact and the memberships that go with it.
update crm_sync.operation o set status = 'held', reason = 'awaits_approval', settled_at = now()
where o.run_id = %(run_id)s and o.status = 'pending'
  and not (%(sends_suppressions)s and (o.verb = 'suppress'
           or (o.verb = 'remove_from_list' and crm_sync.goes_with_do_not_contact(o.run_id, o.provider, o.subject, o.list_id))))
