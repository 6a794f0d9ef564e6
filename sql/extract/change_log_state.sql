-- Whether the change log sees every change. If not, the run compares everybody, and says why. Run it in the transaction of
-- snapshot.sql. An association with another CRM names its own tables.
--
-- Parameters  none
-- Returns one row
--   doubt      text  what the log may miss changes by; null if nothing:
--                    a trigger that is missing, conditional, or not ENABLE ALWAYS;
--                    a subscription of logical replication, which fires no statement's trigger;
--                    a partition or child table, which can be written to by its own name
--   installed  text  differs after a trigger, its function or the storage of a table was replaced: what happened meanwhile,
--                    the log may have missed; ALTER COLUMN ... USING, for example, fires no trigger
WITH logged AS (
    SELECT name, to_regclass('crm.' || quote_ident(name)) AS relid
    FROM unnest(ARRAY['contact', 'email_address', 'list', 'list_member', 'membership_type', 'membership', 'relationship']) AS name
), expected AS (
    SELECT logged.name || '.' || trigger_name AS name, there.oid, there.xmin AS version,
           coalesce(there.tgenabled = 'A' AND there.tgqual IS NULL AND there.tgattr::text = ''
                    AND there.tgfoid = to_regprocedure('crm.log_change()'), false) AS is_alive
    FROM logged
    CROSS JOIN unnest(ARRAY['log_insert', 'log_update', 'log_delete', 'log_truncate']) AS trigger_name
    LEFT JOIN pg_trigger AS there ON there.tgrelid = logged.relid AND there.tgname = trigger_name
)
SELECT nullif(concat_ws('; ',
           (SELECT string_agg(name, ', ' ORDER BY name) || ' missing or not ENABLE ALWAYS' FROM expected WHERE NOT is_alive),
           (SELECT string_agg(name, ', ' ORDER BY name) || ' fed by logical replication' FROM logged
            WHERE EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = logged.relid)),
           (SELECT string_agg(name, ', ' ORDER BY name) || ' with partitions or child tables' FROM logged
            WHERE EXISTS (SELECT FROM pg_inherits WHERE inhparent = logged.relid))), '') AS doubt,
       md5(concat_ws('/',
           (SELECT string_agg(concat_ws(':', name, oid, version), ',' ORDER BY name) FROM expected),
           (SELECT concat_ws(':', oid, xmin) FROM pg_proc WHERE oid = to_regprocedure('crm.log_change()')),
           (SELECT string_agg(concat_ws(':', name, relfilenode), ',' ORDER BY name)
            FROM logged JOIN pg_class ON pg_class.oid = logged.relid))) AS installed
