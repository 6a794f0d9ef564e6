-- Whether the pipeline may leave a marker of its reads (crm.sync_marker): sql/crm/change_log.sql makes the table, roles.sql
-- gives the right, and a replica takes none.
--
-- Parameters  none
-- Returns     may boolean
SELECT NOT pg_is_in_recovery()
   AND current_setting('default_transaction_read_only') = 'off'
   AND coalesce(has_table_privilege(marker, 'SELECT') AND has_table_privilege(marker, 'INSERT')
                AND has_table_privilege(marker, 'DELETE'), false) AS may
FROM to_regclass('crm.sync_marker') AS marker
