-- The least rights the pipeline needs, as a role to grant to the login user of the connection crm_sync_crm:
--     GRANT crm_sync_pipeline TO the_login_user;
-- It reads the views, and sets Do Not Contact through one. May be run again.

do $block$
begin
    create role crm_sync_pipeline nologin;
exception when duplicate_object or unique_violation then
    null;
end
$block$;

grant usage on schema crm to crm_sync_pipeline;
grant select on all tables in schema crm to crm_sync_pipeline;
grant update (do_not_contact) on crm.list_member to crm_sync_pipeline;
