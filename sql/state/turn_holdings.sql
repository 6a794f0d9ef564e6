-- Another account answers, or the state database is older than what it would be asked about: whom the ledger has may be there or not. Who is wanted is sent again, who is not can still be taken out.
-- Nobody was suppressed there by us, and ids of one account say nothing in another.
update crm_sync.holding
set unanswered_verb = case when state = 'active' then coalesce(unanswered_verb, 'update') else unanswered_verb end,
    unanswered_lists = case when state = 'active' then array(select distinct unnest(lists || unanswered_lists) order by 1) else unanswered_lists end,
    payload_hash = null,
    state = case state when 'suppressed' then 'archived' else state end,
    remote_id = case when %(keeps_ids)s then remote_id end
where provider = %(provider)s
