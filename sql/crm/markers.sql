-- The markers that reads for a provider left in the CRM.
--
-- Parameters  provider  text
--             state_id  uuid   of the state database that knows the runs
-- Returns     run_token text
SELECT run_token::text FROM crm.sync_marker WHERE provider = %(provider)s AND state_id = %(state_id)s
