-- What the pipeline leaves in the CRM of each read, so that an older image of either database gives itself away.

-- name: may_leave_marker () -> may
-- Whether the pipeline may leave a marker of its reads (crm.sync_marker): install/change_log.sql makes the table,
-- install/roles.sql gives the right, and a replica takes none.
--
-- Parameters  none
-- Returns     may boolean
select not pg_is_in_recovery()
   and current_setting('default_transaction_read_only') = 'off'
   and coalesce(has_table_privilege(marker, 'SELECT') and has_table_privilege(marker, 'INSERT')
                and has_table_privilege(marker, 'DELETE'), false) as may
from to_regclass('crm.sync_marker') as marker;

-- name: markers (provider, state_id) -> run_token
-- The markers that reads for a provider left in the CRM.
--
-- Parameters  provider  text
--             state_id  uuid   of the state database that knows the runs
-- Returns     run_token text
select run_token::text from crm.sync_marker where provider = %(provider)s and state_id = %(state_id)s;

-- name: leave_marker (provider, state_id, run_token) -> rows touched
-- Leaves a marker of a read. In a transaction of its own, after the read took its snapshot, and on disk once it is
-- committed whatever the server's settings: so a crash gives out no transaction id again that the snapshot saw as
-- past.
--
-- Parameters  provider   text
--             state_id   uuid   of the state database that knows the run
--             run_token  uuid   made up for the read
insert into crm.sync_marker (provider, state_id, run_token)
select %(provider)s, %(state_id)s, %(run_token)s from set_config('synchronous_commit', 'on', true);

-- name: forget_markers (provider, state_id, run_token) -> rows touched
-- Forgets the markers of reads before the last one that counts.
--
-- Parameters  provider, state_id, run_token   of the read that counts
delete from crm.sync_marker as earlier using crm.sync_marker as last
where last.provider = %(provider)s and last.state_id = %(state_id)s and last.run_token = %(run_token)s
  and earlier.provider = last.provider and earlier.state_id = last.state_id and earlier.run_token <> last.run_token
  and earlier.at <= last.at;
