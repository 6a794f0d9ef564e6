-- What a run asks of a CRM that keeps no change log: each run reads a hash of everyone and compares it with the last
-- read.

-- name: position () -> crm_identity
-- Which CRM this is. A copy or a restored dump has the same: whatever differs there, the comparison finds.
--
-- Parameters  none
-- Returns one row
--   crm_identity  text  the name of the database
select concat('compared/', database()) as crm_identity;
