-- The change log: which contacts were concerned by which transaction, written by the database itself, so that no program
-- that changes the CRM can forget it. The pipeline reads it by transaction visibility, not by time (see
-- sql/extract/changed_contacts.sql). An association with another CRM adapts the queries in crm.log_change().

CREATE TABLE IF NOT EXISTS crm.change_log (
    contact_id bigint      NOT NULL,  -- no foreign key: the log outlives a deleted contact
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT transaction_timestamp()
);
CREATE INDEX IF NOT EXISTS change_log_xid ON crm.change_log (xid);
CREATE INDEX IF NOT EXISTS change_log_changed_at ON crm.change_log USING brin (changed_at);

COMMENT ON TABLE crm.change_log IS 'Which contacts were concerned by which transaction; pruned by age';
COMMENT ON COLUMN crm.change_log.contact_id IS 'A contact whose data at a provider may differ now; it may be deleted by now';
COMMENT ON COLUMN crm.change_log.xid IS 'The top-level transaction that made the change';
COMMENT ON COLUMN crm.change_log.changed_at IS 'When that transaction began';

CREATE TABLE IF NOT EXISTS crm.change_log_horizon (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pruned_xid xid8    NOT NULL
);
COMMENT ON TABLE crm.change_log_horizon IS 'How far the change log was pruned; empty while it never was';
COMMENT ON COLUMN crm.change_log_horizon.only_row IS 'Keeps the table at one row';
COMMENT ON COLUMN crm.change_log_horizon.pruned_xid IS 'The highest transaction id pruned: a cursor from before it has missed changes';

-- SECURITY DEFINER: whoever may change a contact needs no rights on the log. search_path is fixed for that reason.
-- EXECUTE, not static SQL: the plan follows the number of rows this statement changed, not that of the session's first one.
CREATE OR REPLACE FUNCTION crm.log_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- Rows an UPDATE left as they were concern nobody: a list saved unchanged does not log all its members.
    changed constant text := CASE TG_OP
        WHEN 'INSERT' THEN 'TABLE new_rows'
        WHEN 'DELETE' THEN 'TABLE old_rows'
        WHEN 'UPDATE' THEN '(TABLE old_rows EXCEPT TABLE new_rows) UNION ALL (TABLE new_rows EXCEPT TABLE old_rows)'
        WHEN 'TRUNCATE' THEN format('TABLE crm.%I', TG_TABLE_NAME)
    END;
    -- What an individual gets at a provider depends on its organizations too.
    concerned constant text := CASE TG_TABLE_NAME
        WHEN 'contact' THEN
            'SELECT contact_id FROM changed
             UNION SELECT r.individual_id FROM changed c JOIN crm.relationship r ON r.organization_id = c.contact_id'
        -- Who shared the address, or comes to share it: Do Not Contact of either wins, so the others may be held otherwise now.
        WHEN 'email_address' THEN
            'SELECT contact_id FROM changed
             UNION SELECT other.contact_id FROM changed c
                   JOIN crm.email_address other ON lower(btrim(other.address)) = lower(btrim(c.address))
             WHERE other.is_primary AND btrim(other.address) <> '''''
        WHEN 'list' THEN
            'SELECT DISTINCT m.contact_id FROM changed c JOIN crm.list_member m USING (list_id)'
        WHEN 'list_member' THEN
            'SELECT DISTINCT contact_id FROM changed'
        WHEN 'membership_type' THEN
            'SELECT m.contact_id FROM changed c JOIN crm.membership m USING (membership_type_id)
             UNION SELECT r.individual_id FROM changed c JOIN crm.membership m USING (membership_type_id)
                   JOIN crm.relationship r ON r.organization_id = m.contact_id'
        WHEN 'membership' THEN
            'SELECT contact_id FROM changed
             UNION SELECT r.individual_id FROM changed c JOIN crm.relationship r ON r.organization_id = c.contact_id'
        WHEN 'relationship' THEN
            'SELECT individual_id FROM changed UNION SELECT organization_id FROM changed'
    END;
BEGIN
    EXECUTE format('WITH changed AS (%s) INSERT INTO crm.change_log (contact_id) %s', changed, concerned);
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION crm.log_change() IS 'Writes the contacts concerned by a statement to crm.change_log, once each';
REVOKE EXECUTE ON FUNCTION crm.log_change() FROM PUBLIC;

-- Statement-level triggers with transition tables: one firing and one INSERT per statement, however many rows it changes.
-- A deleted contact, list or type takes its dependants along; their own triggers see those rows too.
DO $block$
DECLARE
    changed_table text;
    fires constant text := 'FOR EACH STATEMENT EXECUTE FUNCTION crm.log_change()';
BEGIN
    FOREACH changed_table IN ARRAY ARRAY[
        'contact', 'email_address', 'list', 'list_member', 'membership_type', 'membership', 'relationship'
    ] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER log_insert AFTER INSERT ON crm.%I
                        REFERENCING NEW TABLE AS new_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON crm.%I
                        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_delete AFTER DELETE ON crm.%I
                        REFERENCING OLD TABLE AS old_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_truncate BEFORE TRUNCATE ON crm.%I %s', changed_table, fires);
    END LOOP;
END
$block$;
