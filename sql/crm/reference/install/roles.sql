-- The least rights the pipeline needs in the CRM, as a role to grant to the login user of the connection crm_sync_crm:
--     GRANT crm_sync_pipeline TO the_login_user;
-- It reads everything, sets Do Not Contact on list memberships (opt-outs), prunes the change log, and leaves a marker of
-- each read. May be run again.

DO $block$
BEGIN
    CREATE ROLE crm_sync_pipeline NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$block$;

GRANT USAGE ON SCHEMA crm TO crm_sync_pipeline;
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO crm_sync_pipeline;
GRANT UPDATE (do_not_contact) ON crm.list_member TO crm_sync_pipeline;
GRANT DELETE ON crm.change_log TO crm_sync_pipeline;
GRANT INSERT, UPDATE ON crm.change_log_horizon TO crm_sync_pipeline;
GRANT INSERT, DELETE ON crm.sync_marker TO crm_sync_pipeline;
