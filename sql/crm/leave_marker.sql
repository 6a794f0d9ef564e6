-- Leaves a marker of a read. In a transaction of its own, after the read took its snapshot, and on disk once it is committed
-- whatever the server's settings: so a crash gives out no transaction id again that the snapshot saw as past.
--
-- Parameters  provider   text
--             state_id   uuid   of the state database that knows the run
--             run_token  uuid   made up for the read
INSERT INTO crm.sync_marker (provider, state_id, run_token)
SELECT %(provider)s, %(state_id)s, %(run_token)s FROM set_config('synchronous_commit', 'on', true)
