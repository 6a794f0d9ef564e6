-- What a run asks of a CRM that keeps no change log: each run reads a hash of everyone and compares it with the last
-- read.

-- name: position () -> crm_identity
-- Which CRM this is. Run it first in the REPEATABLE READ transaction that also reads the contacts. A replica has the
-- identity of its primary, and keeps it when it is promoted: whatever it lacks, the comparison finds.
--
-- Parameters  none
-- Returns one row
--   crm_identity  text  differs after the CRM was restored from a dump or replaced
select concat_ws('/', 'compared',
                 (select system_identifier from pg_control_system()),
                 (select oid from pg_database where datname = current_database())) as crm_identity;
