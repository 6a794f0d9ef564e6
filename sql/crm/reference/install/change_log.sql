-- The change log: what changed in which transaction, written by the database itself, so that no program that changes the
-- CRM can forget it. It notes causes, not whom they concern: that depends on other transactions too, and only the read
-- knows them (sql/extract/changed_contacts.sql). An association with another CRM adapts the causes in crm.log_change(),
-- the names of the tables below, and sql/extract/change_log_state.sql.
--
-- May be run again at any time, and must be after a trigger was disabled, dropped or replaced. A log of an earlier release
-- is replaced. Waits for transactions that have changed the CRM and are still open.

-- SECURITY DEFINER: whoever may change a contact needs no rights on the log. search_path is fixed for that reason.
-- EXECUTE, not static SQL: the plan follows the number of rows this statement changed, not that of the session's first one.
-- Rows are compared by their text: not every type has an equality (json, xml, point), and that of citext does not see
-- 'ann' become 'Ann'. The settings keep two values from looking alike.
-- The function comes before its table: between the two, an error here must not be one of the CRM's own statement.
CREATE OR REPLACE FUNCTION crm.log_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET extra_float_digits = 3 SET datestyle = 'ISO'
AS $function$
DECLARE
    -- By what each changed row concerns people; a null key concerns nobody. No column is called "this row".
    causes constant text := CASE TG_TABLE_NAME
        WHEN 'contact' THEN $$('contact', "this row".contact_id)$$
        -- Who shares the address: Do Not Contact of either wins, so the others may be held otherwise now.
        WHEN 'email_address' THEN
            $$('contact', "this row".contact_id),
              ('address', CASE WHEN "this row".is_primary
                          THEN hashtextextended(nullif(lower(btrim("this row".address::text)), ''), 0) END)$$
        WHEN 'list' THEN $$('list', "this row".list_id)$$
        WHEN 'list_member' THEN $$('contact', "this row".contact_id)$$
        WHEN 'membership_type' THEN $$('type', "this row".membership_type_id)$$
        WHEN 'membership' THEN $$('contact', "this row".contact_id)$$
        WHEN 'relationship' THEN $$('contact', "this row".individual_id), ('contact', "this row".organization_id)$$
    END;
    side constant text :=
        $$SELECT cause.cause, cause.key, %2$s AS said, %3$s AS side
          FROM %1$s AS "this row" CROSS JOIN LATERAL (VALUES %4$s) AS cause (cause, key)$$;
    said constant text := CASE TG_OP WHEN 'UPDATE' THEN '"this row"::text COLLATE "C"' ELSE 'NULL::text' END;
    old_side constant text := format(side, 'old_rows', said, -1, causes);
    new_side constant text := format(side, 'new_rows', said, 1, causes);
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO crm.change_log (cause) VALUES ('everything');
        RETURN NULL;
    END IF;
    -- Rows an UPDATE left as they were concern nobody: a list saved unchanged is no cause.
    EXECUTE format(
        'INSERT INTO crm.change_log (cause, key)
         SELECT DISTINCT cause, key FROM
             (SELECT cause, key FROM (%s) AS sides WHERE key IS NOT NULL GROUP BY cause, key, said HAVING sum(side) <> 0) AS changed',
        CASE TG_OP WHEN 'INSERT' THEN new_side WHEN 'DELETE' THEN old_side ELSE old_side || ' UNION ALL ' || new_side END);
    RETURN NULL;
-- The CRM's own statement goes on, whatever happens here. A cancelled query is not caught by this: it ends as it should.
EXCEPTION WHEN OTHERS THEN
    RAISE LOG 'crm.log_change on %: SQLSTATE %; everybody will be compared', TG_TABLE_NAME, SQLSTATE;
    BEGIN
        INSERT INTO crm.change_log (cause) VALUES ('everything');
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'a change of crm.% was not logged: SQLSTATE %; run sql/crm/change_log.sql again', TG_TABLE_NAME, SQLSTATE;
    END;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION crm.log_change() IS 'Writes the causes of a statement to crm.change_log, once each';
REVOKE EXECUTE ON FUNCTION crm.log_change() FROM PUBLIC;

-- An earlier release noted contacts.
DO $block$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('crm.change_log') AND attname = 'contact_id' AND NOT attisdropped) THEN
        DROP TABLE crm.change_log;
        DROP TABLE IF EXISTS crm.change_log_horizon;
    END IF;
END
$block$;

CREATE TABLE IF NOT EXISTS crm.change_log (
    cause      text        NOT NULL CHECK (cause IN ('contact', 'list', 'type', 'address', 'everything')),
    key        bigint      CHECK ((key IS NULL) = (cause = 'everything')),
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT transaction_timestamp()
);
CREATE INDEX IF NOT EXISTS change_log_xid ON crm.change_log (xid);
CREATE INDEX IF NOT EXISTS change_log_changed_at ON crm.change_log USING brin (changed_at);

COMMENT ON TABLE crm.change_log IS 'What changed in which transaction; pruned by age';
COMMENT ON COLUMN crm.change_log.cause IS
    'contact: itself and, as an organization, its individuals; list: its members; type: who holds such a membership; address: who has it; everything: all';
COMMENT ON COLUMN crm.change_log.key IS 'Id of the contact, list or type, which may be deleted by now; of an address its hash; null for everything';
COMMENT ON COLUMN crm.change_log.xid IS 'The top-level transaction that made the change';
COMMENT ON COLUMN crm.change_log.changed_at IS 'When that transaction began';

CREATE TABLE IF NOT EXISTS crm.change_log_horizon (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pruned_xid   xid8    NOT NULL,
    crm_identity text    NOT NULL
);
COMMENT ON TABLE crm.change_log_horizon IS 'How far the change log was pruned; empty while it never was';
COMMENT ON COLUMN crm.change_log_horizon.only_row IS 'Keeps the table at one row';
COMMENT ON COLUMN crm.change_log_horizon.pruned_xid IS 'The highest transaction id pruned: a cursor from before it has missed changes';
COMMENT ON COLUMN crm.change_log_horizon.crm_identity IS 'Of which CRM that is a transaction id: after a restore it means nothing';

-- Who has an address, by the key that the log notes.
CREATE INDEX IF NOT EXISTS email_address_key ON crm.email_address (hashtextextended(lower(btrim(address)), 0)) WHERE is_primary;

-- Statement-level triggers with transition tables: one firing and one INSERT per statement, however many rows it changes.
-- A deleted contact, list or type takes its dependants along; their own triggers see those rows too.
-- ALWAYS: under session_replication_role = replica, too. CREATE OR REPLACE takes that back, hence the order.
DO $block$
DECLARE
    changed_table text;
    tables constant text[] := ARRAY[
        'contact', 'email_address', 'list', 'list_member', 'membership_type', 'membership', 'relationship'
    ];
    triggers constant text[] := ARRAY['log_insert', 'log_update', 'log_delete', 'log_truncate'];
    alive_before constant bigint := (
        SELECT count(*) FROM pg_trigger
        WHERE tgrelid = ANY (SELECT to_regclass(format('crm.%I', name)) FROM unnest(tables) AS name)
          AND tgname = ANY (triggers) AND tgenabled = 'A');
    fires constant text := 'FOR EACH STATEMENT EXECUTE FUNCTION crm.log_change()';
BEGIN
    FOREACH changed_table IN ARRAY tables LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER log_insert AFTER INSERT ON crm.%I
                        REFERENCING NEW TABLE AS new_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON crm.%I
                        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_delete AFTER DELETE ON crm.%I
                        REFERENCING OLD TABLE AS old_rows %s', changed_table, fires);
        EXECUTE format('CREATE OR REPLACE TRIGGER log_truncate BEFORE TRUNCATE ON crm.%I %s', changed_table, fires);
        EXECUTE format('ALTER TABLE crm.%I %s', changed_table,
                       (SELECT string_agg('ENABLE ALWAYS TRIGGER ' || name, ', ') FROM unnest(triggers) AS name));
    END LOOP;
    -- What changed before they were there, or while they were off, nobody noted.
    IF alive_before < cardinality(tables) * cardinality(triggers) THEN
        INSERT INTO crm.change_log (cause) VALUES ('everything');
    END IF;
END
$block$;

-- What the pipeline leaves in the CRM itself after each read, so that an older image of either database gives itself away.
CREATE TABLE IF NOT EXISTS crm.sync_marker (
    provider    text        NOT NULL,
    state_id    uuid        NOT NULL,
    run_token   uuid        NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, state_id, run_token)
);
COMMENT ON TABLE crm.sync_marker IS 'The last reads of the pipeline: its next one looks for them';
COMMENT ON COLUMN crm.sync_marker.provider IS 'For which provider the CRM was read';
COMMENT ON COLUMN crm.sync_marker.state_id IS 'Which state database knows the run';
COMMENT ON COLUMN crm.sync_marker.run_token IS 'Made up for that run';
COMMENT ON COLUMN crm.sync_marker.at IS 'When it was written';
