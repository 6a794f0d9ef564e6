-- Whose account it is that answers, and what becomes of the ledger when it is another one.

-- name: account_known_as (provider, answers) -> known_as
-- What a person has said of the account that answers so.
select known_as from crm_sync.account_said where provider = %(provider)s and answers = %(answers)s;

-- name: another_account (provider, answers) -> known_as
-- A name that no account has had, for an account that looks the same as the last one. The last gets one too, where
-- it has none.
with named as (
    insert into crm_sync.cursor as c (provider, account) values (%(provider)s, null)
    on conflict (provider) do update set account = coalesce(c.account, 'the account before')
)
select concat_ws(' of ', 'no. ' || nextval('crm_sync.run_token'), nullif(%(answers)s::text, '')) as known_as;

-- name: say_account (provider, answers, known_as, said, said_by) -> rows touched
insert into crm_sync.account_said (provider, answers, known_as, said, said_by)
values (%(provider)s, %(answers)s, %(known_as)s, %(said)s, %(said_by)s)
on conflict (provider, answers) do update
    set known_as = excluded.known_as, said = excluded.said, said_by = excluded.said_by, said_at = now();

-- name: run_account (account, run_id) -> rows touched
-- The provider could not be asked when the run opened.
update crm_sync.run set account = %(account)s where run_id = %(run_id)s;

-- name: turn_opt_outs (provider) -> rows touched
-- What was heard before accounts were known was heard in the one before. Opt-outs stay, whatever account answers.
update crm_sync.opt_out set account = c.account from crm_sync.cursor c
where c.provider = %(provider)s and opt_out.provider = c.provider and opt_out.account is null;

-- name: turn_holdings (keeps_ids, provider) -> rows touched
-- Another account answers, or the state database is older than what it would be asked about: whom the ledger has may
-- be there or not. Who is wanted is sent again, who is not can still be taken out. Nobody was suppressed there by us,
-- and ids of one account say nothing in another.
update crm_sync.holding
set unanswered_verb = case when state = 'active' then coalesce(unanswered_verb, 'update') else unanswered_verb end,
    unanswered_lists = case when state = 'active'
                            then array(select distinct unnest(lists || unanswered_lists) order by 1)
                            else unanswered_lists end,
    payload_hash = null,
    state = case state when 'suppressed' then 'archived' else state end,
    remote_id = case when %(keeps_ids)s then remote_id end
where provider = %(provider)s;

-- name: turn_lists (provider) -> rows touched
-- Where lists have an id of the provider's own, those of another account are found by name again.
update crm_sync.list_holding set remote_id = null, name = null, reason = null, retry_at = now()
where provider = %(provider)s;

-- name: turn_cursor (account, provider) -> rows touched
-- Until a run of everybody is recorded, nothing is known of the account.
update crm_sync.cursor set account = %(account)s, snapshot = null, polled_at = null, compared_at = null
where provider = %(provider)s;
