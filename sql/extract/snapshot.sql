-- Where the CRM stands now: the cursor of this read. Run it first in the REPEATABLE READ transaction that also reads the
-- changes and the contacts; that transaction must not write to the CRM. An association with another CRM names its own
-- change log in the last line of the identity.
--
-- Parameters  none
-- Returns one row
--   snapshot      text         the transactions visible to this read; the next read's last_snapshot
--   crm_identity  text         differs after the CRM was restored, moved, or failed over: old cursors are void then
--   now           timestamptz  the CRM's clock
--
-- The timeline stands in the name of the WAL segment being written: after a promotion the control file tells the old one
-- until a checkpoint has ended. Without the function for it, in recovery, nothing is written.
SELECT pg_current_snapshot()::text AS snapshot,
       concat_ws('/',
                 (SELECT system_identifier FROM pg_control_system()),
                 CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END,
                 (SELECT oid FROM pg_database WHERE datname = current_database()),
                 'crm.change_log'::regclass::oid) AS crm_identity,
       clock_timestamp() AS now
