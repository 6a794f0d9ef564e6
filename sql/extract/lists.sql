-- All lists and committees to synchronize.
--
-- Parameters  none
-- Returns     list_id bigint, name text, kind text (list | committee)
SELECT list_id, name, kind
FROM crm.list
WHERE sync_enabled
ORDER BY list_id
